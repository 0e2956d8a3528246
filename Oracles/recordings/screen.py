"""What a terminal of a given width shows while a program runs.

    python Oracles/recordings/screen.py --columns 60 [--at 1.5,3] [--] COMMAND…

prints the screen at each moment (seconds after the start) and at the end.
"""
import argparse
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

import pyte


class Recording:
    """The moments of one run: (seconds, lines of the screen, whether the cursor stands behind text), the exit status, and the raw bytes."""

    def __init__(self):
        self.moments, self.status, self.raw = [], None, b""


def shown(screen: pyte.Screen) -> list[str]:
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def record(command, columns, moments=(), lines=24, environment=None, resize=None, limit=600) -> Recording:
    """Runs a command in a terminal.

    `resize` is (seconds, columns): the window changes its width then, and the program is told (SIGWINCH).
    """
    recording = Recording()
    screen = pyte.HistoryScreen(columns, lines, history=1000)
    stream = pyte.ByteStream(screen)
    size = lambda width: struct.pack("HHHH", lines, width, 0, 0)
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, size(columns))
        os.environ.update({"TERM": "xterm-256color"} | (environment or {}))
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
            os._exit(127)
    start, pending = time.monotonic(), sorted(moments)
    while time.monotonic() - start < limit:
        now = time.monotonic() - start
        while pending and now >= pending[0]:
            recording.moments.append((pending.pop(0), shown(screen), screen.cursor.x > 0))
        if resize and now >= resize[0]:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, size(resize[1]))
            screen.resize(lines, resize[1])
            resize = None
        if not select.select([terminal], [], [], 0.02)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:  # The program has closed its end.
            break
        if not data:
            break
        recording.raw += data
        stream.feed(data)
    os.close(terminal)
    recording.status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    history = ["".join(line[c].data for c in range(columns)).rstrip() for line in screen.history.top]
    recording.moments.append((None, history + shown(screen), False))
    return recording


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--at", default="")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    command = [word for i, word in enumerate(given.command) if word != "--" or i > 0]
    result = record(command, given.columns, [float(s) for s in given.at.split(",") if s])
    for seconds, lines, _ in result.moments:
        print("at the end:" if seconds is None else f"after {seconds:g} s:")
        print("\n".join("  |" + line for line in lines))
    sys.exit(result.status)


if __name__ == "__main__":
    main()
