"""Makes Tests/LowRankTorchTests/Fixtures/attacks.json: files that a reader of torch's files must refuse.

    python Oracles/torch_attacks.py [--output FILE]

They are those of public collections, by what they do: the test cases of picklescan and fickling, "Never a dill moment"
(Slaviero's and Trail of Bits' catalogues), the globals that scanners were found to let through, the holes of torch's
weights_only (CVE-2025-32434: the tar layout; CVE-2026-24747: SETITEM on what is no dictionary, and storages of another size),
and what zip archives do to scanners (nullifAI, encrypted flags, two files of one name, overlaps, bombs).

The pickles are put together from single instructions: nothing is executed here, and no malicious file is loaded. Each entry
has a name, `says`, a part of the sentence that refuses it, and the file in hexadecimal.
"""

import argparse
import io
import json
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

DEFAULT = Path(__file__).resolve().parent.parent / "Tests/LowRankTorchTests/Fixtures/attacks.json"

# Instructions, by the names of pickletools.
PROTO, STOP, MARK, REDUCE, BUILD = b"\x80\x02", b".", b"(", b"R", b"b"
EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT, NONE = b")", b"]", b"}", b"N"
TUPLE, TUPLE1, TUPLE2, APPEND, SETITEM = b"t", b"\x85", b"\x86", b"a", b"s"


def unicode(text):
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def short(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


def name(module, attribute):
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def integer(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    data = value.to_bytes(9, "little", signed=True) if not -2**63 <= value < 2**63 else value.to_bytes(8, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def numbers(*values):
    return MARK + b"".join(map(integer, values)) + TUPLE


def storage(key="0", count=4, kind="FloatStorage", module="torch"):
    return MARK + unicode("storage") + name(module, kind) + unicode(key) + unicode("cpu") + integer(count) + TUPLE + b"Q"


def tensor(sizes=(2, 2), strides=(2, 1), offset=0, **keywords):
    return (name("torch._utils", "_rebuild_tensor_v2") + MARK + storage(**keywords) + integer(offset) + numbers(*sizes)
            + numbers(*strides) + b"\x89" + name("collections", "OrderedDict") + EMPTY_TUPLE + REDUCE + TUPLE + REDUCE)


def dictionary(*entries):
    """A dictionary of tensors, with whatever else."""
    body = b"".join(unicode(key) + value for key, value in entries)
    return PROTO + EMPTY_DICT + MARK + body + b"u" + STOP


def beside(value):
    """A dictionary with a good tensor, and the value."""
    return dictionary(("weight", tensor()), ("evil", value))


def zipped(pickle, storages=None, files=None, method=zipfile.ZIP_STORED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        content = {"data.pkl": pickle, "version": b"3\n", "byteorder": b"little"}
        content |= {f"data/{key}": data for key, data in (storages or {"0": struct.pack("<4f", 1, 2, 3, 4)}).items()}
        content |= files or {}
        for path, data in content.items():
            archive.writestr(zipfile.ZipInfo(f"archive/{path}"), data, method)
    return target.getvalue()


def legacy(pickle, keys=("0",), storages=None):
    magic = PROTO + b"\x8a\x0a" + (0x1950a86a20f9469cfc6c).to_bytes(10, "little") + STOP
    version = PROTO + b"M" + struct.pack("<H", 1001) + STOP
    facts = PROTO + EMPTY_DICT + unicode("little_endian") + b"\x88" + SETITEM + STOP
    listed = PROTO + EMPTY_LIST + b"".join(unicode(key) + APPEND for key in keys) + STOP
    data = b"".join(struct.pack("<q", 4) + struct.pack("<4f", 1, 2, 3, 4) for _ in keys)
    return magic + version + facts + pickle + listed + (data if storages is None else storages)


GLOBALS = """
posix.system os.system nt.system os.popen os.execve posix.posix_spawn subprocess.Popen subprocess.run subprocess.check_output
subprocess.getoutput builtins.eval builtins.exec builtins.compile builtins.getattr builtins.__import__ builtins.open
builtins.breakpoint builtins.delattr builtins.setattr __builtin__.eval __builtin__.apply __builtin__.execfile __builtin__.getattr
runpy._run_code runpy.run_path runpy._run_module_code importlib.import_module importlib._bootstrap._call_with_frames_removed
operator.attrgetter operator.methodcaller operator.itemgetter functools.partial functools.reduce itertools.starmap
webbrowser.open httplib.HTTPSConnection http.client.HTTPSConnection requests.api.get aiohttp.client.ClientSession
socket.create_connection ssl.get_server_certificate urllib.request.urlopen ftplib.FTP pty.spawn pip.main pip._internal.main
shutil.rmtree shutil.copyfile asyncio.unix_events._UnixSubprocessTransport._start code.InteractiveInterpreter.runcode
pickle.loads _pickle.loads pickle.Unpickler marshal.loads dill.loads dill._dill._load_type cloudpickle.loads joblib.load
torch.load torch.hub.load torch.jit.load torch.serialization.load torch.jit._script.unpackage_script_module
torch._dynamo.guards.GuardBuilder.get torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression
torch.utils._config_module.ConfigModule.load_config torch.utils.bottleneck.__main__.run_cprofile torch.utils.collect_env.run
torch.utils.data.datapipes.utils.decoder.basichandlers torch._inductor.codecache.compile_file torch.nn.modules.linear.Linear
torch._utils._rebuild_tensor_v3 torch._utils._rebuild_qtensor torch._utils._rebuild_sparse_tensor
torch._utils._rebuild_device_tensor_from_numpy torch._utils._rebuild_wrapper_subclass torch.FloatStorage.from_file
torch.storage._load_from_bytes torch.UntypedStorage.from_file torch.package.PackageImporter
numpy.core.multiarray.scalar numpy.core.multiarray._reconstruct numpy._core.multiarray.scalar numpy.dtype numpy.load
numpy.testing._private.utils.runstring numpy.f2py.crackfortran.getlincoef numpy.ctypeslib.load_library
bdb.Bdb.run cProfile.run profile.Profile.run pstats.Stats timeit.timeit timeit.main trace.Trace.run doctest.debug_script
ensurepip._run_pip idlelib.pyshell.ModifiedInterpreter.runcode idlelib.run.Executive.runcode idlelib.debugobj.ObjectTreeItem.SetText
lib2to3.pgen2.pgen.ParserGenerator.make_label lib2to3.pgen2.grammar.Grammar.loads distutils.file_util.write_file
logging.config.listen logging.FileHandler types.CodeType types.FunctionType ctypes.CDLL _ctypes.dlopen cffi.FFI
multiprocessing.util.spawnv_passfds venv.create zipimport.zipimporter tempfile.mktemp glob.glob pathlib.Path.write_text
sys.modules sys.settrace gc.get_objects inspect.getattr_static uuid._get_command_stdout copy._reconstruct copyreg._reconstructor
copy_reg._reconstructor collections.Counter collections.defaultdict collections.namedtuple datetime.datetime
transformers.training_args.TrainingArguments sklearn.tree.DecisionTreeClassifier _codecs.encode codecs.decode bytearray.fromhex
""".split()


def calls():
    """Each global called with a command, which is what such files do; half of them hidden beside a good tensor."""
    for index, path in enumerate(GLOBALS):
        module, attribute = path.rsplit(".", 1)
        call = name(module, attribute) + unicode("echo attacked") + TUPLE1 + REDUCE
        pickle = beside(call) if index % 2 else PROTO + call + STOP
        yield f"{path}, called", f"global {module}.{attribute}", pickle


def instructions():
    """Ways around a scanner that only looks at GLOBAL and REDUCE."""
    system = name("posix", "system")
    yield "INST", "instruction INST", beside(MARK + unicode("id") + b"iposix\nsystem\n")
    yield "OBJ of a global", "global posix.system", beside(MARK + system + unicode("id") + b"o")
    yield "OBJ of a class of torch", "instruction OBJ", beside(MARK + name("torch", "Tensor") + b"o")
    yield "NEWOBJ", "instruction NEWOBJ", beside(name("torch", "Tensor") + EMPTY_TUPLE + b"\x81")
    yield "NEWOBJ_EX", "instruction NEWOBJ_EX", beside(name("torch", "Tensor") + EMPTY_TUPLE + EMPTY_DICT + b"\x92")
    yield "STACK_GLOBAL", "instruction SHORT_BINUNICODE", beside(short("posix") + short("system") + b"\x93")
    yield "STACK_GLOBAL of long texts", "instruction STACK_GLOBAL", beside(unicode("posix") + unicode("system") + b"\x93")
    yield "STACK_GLOBAL by way of the memo", "instruction STACK_GLOBAL", beside(
        unicode("posix") + b"q\x01" + unicode("system") + b"q\x02" + b"h\x01h\x02\x93")
    yield "EXT1", "instruction EXT1", beside(b"\x82\x01")
    yield "EXT2", "instruction EXT2", beside(b"\x83\x01\x00")
    yield "EXT4", "instruction EXT4", beside(b"\x84\x01\x00\x00\x00")
    yield "PERSID", "instruction PERSID", beside(b"Pposix system\n")
    yield "MEMOIZE", "instruction MEMOIZE", beside(NONE + b"\x94")
    yield "FRAME", "instruction FRAME", PROTO + b"\x95" + struct.pack("<Q", 4) + beside(NONE)
    yield "DUP", "instruction DUP", beside(NONE + b"2")
    yield "POP", "instruction POP", beside(system[:0] + NONE + b"0" + NONE)
    yield "POP_MARK", "instruction POP_MARK", beside(MARK + NONE + b"1" + NONE)
    yield "GET", "instruction GET", beside(b"g0\n")
    yield "PUT", "instruction PUT", beside(NONE + b"p0\n")
    yield "STRING", "instruction STRING", beside(b"S'posix'\n")
    yield "UNICODE", "instruction UNICODE", beside(b"Vposix\n")
    yield "INT", "instruction INT", beside(b"I1\n")
    yield "LONG4", "instruction LONG4", beside(b"\x8b\xff\xff\xff\x7f")
    yield "BINUNICODE8", "instruction BINUNICODE8", beside(b"\x8d" + b"\xff" * 8)
    yield "BYTEARRAY8", "instruction BYTEARRAY8", beside(b"\x96" + b"\xff" * 8)
    yield "NEXT_BUFFER", "instruction NEXT_BUFFER", beside(b"\x97")
    yield "no instruction at all", "is no instruction", beside(b"\xff")
    yield "BUILD of a global", "instruction BUILD", beside(name("torch", "Tensor") + EMPTY_DICT + BUILD)
    yield "BUILD of a tensor", "instruction BUILD", beside(tensor() + EMPTY_DICT + BUILD)
    yield "BUILD of a list", "instruction BUILD", beside(EMPTY_LIST + EMPTY_DICT + BUILD)
    yield "REDUCE of a class", "REDUCE on a class of torch", beside(name("torch", "FloatStorage") + EMPTY_TUPLE + REDUCE)
    yield "REDUCE of a class of tensors", "REDUCE on a class", beside(name("torch", "Tensor") + EMPTY_TUPLE + REDUCE)
    yield "REDUCE of a text", "instruction REDUCE", beside(unicode("eval") + EMPTY_TUPLE + REDUCE)
    yield "REDUCE of a tensor", "instruction REDUCE", beside(tensor() + EMPTY_TUPLE + REDUCE)
    yield "SETITEM on a tensor (CVE-2026-24747)", "SETITEM on what is no dictionary", beside(tensor() + NONE + NONE + SETITEM)
    yield "SETITEMS on a storage", "SETITEMS on what is no dictionary", beside(storage() + MARK + NONE + NONE + b"u")
    yield "SETITEM on a global", "SETITEM on what is no dictionary", beside(name("torch", "Tensor") + NONE + NONE + SETITEM)
    yield "APPEND to a dictionary", "APPEND on what is no list", beside(EMPTY_DICT + NONE + APPEND)
    yield "APPENDS to a tensor", "APPENDS on what is no list", beside(tensor() + MARK + NONE + b"e")
    yield "a global within another", "global torch.nn.Module.__init__.__globals__", beside(
        name("torch", "nn.Module.__init__.__globals__"))
    yield "an attribute of an allowed function", "global torch._utils._rebuild_tensor_v2.__globals__", beside(
        name("torch._utils", "_rebuild_tensor_v2.__globals__"))
    yield "an allowed name of another module", "global os._rebuild_tensor_v2", beside(name("os", "_rebuild_tensor_v2"))
    yield "a module with a carriage return", "global posix?.system", beside(name("posix\r", "system"))
    yield "a module with a space", "global posix .system", beside(name("posix ", "system"))
    yield "a module in other letters", "which no tensor needs", beside(name("pоsix", "system"))
    yield "an empty module", "global .system", beside(name("", "system"))
    yield "a name that does not end", "ends within a name", PROTO + b"cposix\nsystem"
    yield "a global in the key of a tensor", "global posix.system", PROTO + EMPTY_DICT + system + tensor() + SETITEM + STOP
    yield "a global in the arguments of a tensor", "global builtins.eval", dictionary(
        ("weight", tensor().replace(name("collections", "OrderedDict"), name("builtins", "eval"))))
    yield "a global in the class of a storage", "global builtins.eval", dictionary(
        ("weight", tensor(kind="eval", module="builtins")))
    yield "a global in the state of a dictionary", "global posix.system", PROTO + name("collections", "OrderedDict") + (
        EMPTY_TUPLE + REDUCE + unicode("weight") + tensor() + SETITEM + EMPTY_DICT + unicode("a") + system + SETITEM + BUILD + STOP)
    yield "a global that is dropped", "global posix.system", beside(MARK + system + TUPLE)
    yield "a function within a function", "made of wrong arguments", beside(
        name("torch._tensor", "_rebuild_from_type_v2") + MARK + name("torch._tensor", "_rebuild_from_type_v2")
        + name("torch", "Tensor") + EMPTY_TUPLE + NONE + TUPLE + REDUCE)
    yield "a module as a persistent object", "of the kind \"module\"", beside(
        MARK + unicode("module") + NONE + unicode("evil.py") + unicode("import os") + TUPLE + b"Q")
    yield "a persistent object without a name", "names a storage in a way", beside(NONE + b"Q")
    yield "a persistent number", "names a storage in a way", beside(integer(1) + b"Q")
    yield "a second pickle within", "global pickle.loads", beside(
        name("pickle", "loads") + unicode("cos\nsystem\n(S'id'\ntR.") + TUPLE1 + REDUCE)
    yield "nothing but a tensor", "no dictionary of tensors", PROTO + tensor() + STOP
    yield "a list of tensors", "no dictionary of tensors", PROTO + EMPTY_LIST + tensor() + APPEND + STOP
    yield "no tensors", "holds no tensors by name", dictionary(("a", NONE))
    yield "two names", "two tensors of the name weight", dictionary(("weight", tensor()), ("weight", tensor()))
    yield "a tensor without a name", "whose key is no text", PROTO + EMPTY_DICT + integer(1) + tensor() + SETITEM + STOP
    yield "two models", "several sets of tensors, a, b", dictionary(
        ("a", EMPTY_DICT + unicode("w") + tensor() + SETITEM), ("b", EMPTY_DICT + unicode("w") + tensor() + SETITEM))


def lengths():
    """Lengths and repetitions that would exhaust memory, time or the stack, and tensors beyond their storages."""
    yield "a text longer than the file", "cut short", PROTO + b"X\xff\xff\xff\xffabc"
    yield "a memo of four billion", "holds no tensors", PROTO + EMPTY_DICT + b"r\xff\xff\xff\xff" + STOP
    yield "a memo that is not there", "which it did not make", PROTO + b"j\xff\xff\xff\xff" + STOP
    yield "a memo out of order", "no pickler writes", PROTO + EMPTY_DICT + b"q\x05q\x03" + STOP
    yield "no values", "lacks values", PROTO + STOP
    yield "no values above a mark", "lacks values", PROTO + NONE + MARK + b"\x85" + STOP
    yield "no mark", "lacks values", PROTO + NONE + TUPLE + STOP
    yield "an odd number of entries", "lacks values", PROTO + EMPTY_DICT + MARK + NONE + b"u" + STOP
    yield "no end", "its pickle", PROTO + EMPTY_DICT
    yield "a million marks", "four times its size", PROTO + MARK * 200_000 + STOP
    yield "a million lists", "four times its size", PROTO + EMPTY_LIST * 60_000 + STOP
    laughs = PROTO + EMPTY_LIST + b"q\x00" + b"".join(
        EMPTY_LIST + b"q" + bytes([level]) + (b"h" + bytes([level - 1]) + APPEND) * 10 for level in range(1, 60))
    yield "a billion laughs", "no dictionary of tensors", laughs + STOP
    yield "a list that holds itself", "no dictionary of tensors", PROTO + EMPTY_LIST + b"q\x00h\x00" + APPEND + STOP
    yield "a dictionary that holds itself", "holds no tensors by name", (
        PROTO + EMPTY_DICT + b"q\x00" + unicode("a") + b"h\x00" + SETITEM + STOP)
    yield "ten thousand tuples in each other", "no dictionary of tensors", PROTO + NONE + TUPLE1 * 1500 + STOP
    yield "an ordered dictionary of itself", "made of what is no pairs", (
        PROTO + EMPTY_LIST + b"q\x00h\x00" + APPEND + b"0"[:0] + name("collections", "OrderedDict") + b"h\x00" + TUPLE1 + REDUCE + STOP)
    for what, keywords in {
        "sizes": dict(sizes=(2, 3)), "an offset": dict(offset=1), "a negative offset": dict(offset=-1),
        "a negative stride": dict(strides=(-2, 1)), "a negative size": dict(sizes=(-2, 2)),
        "strides": dict(strides=(2**62, 1)), "a product": dict(sizes=(2**32, 2**32), strides=(0, 0)),
        "a product beside zero": dict(sizes=(0, 2**32, 2**32), strides=(0, 0, 0)),
        "many extents": dict(sizes=(1,) * 70, strides=(1,) * 70),
    }.items():
        yield f"a tensor beyond its storage: {what}", "does not lie within its storage", dictionary(("weight", tensor(**keywords)))
    yield "an expanded tensor of a terabyte", "four times its size", dictionary(
        ("weight", tensor(sizes=(2**20, 2**18), strides=(0, 0))))
    yield "an expanded tensor of 2^63 bytes", "four times its size", dictionary(
        ("weight", tensor(sizes=(2**30, 2**31), strides=(0, 0))))
    yield "fewer sizes than strides", "wrong arguments", dictionary(("weight", tensor(sizes=(2,))))
    yield "a storage of another size (CVE-2026-24747)", "is broken: the storage 0 has", dictionary(("weight", tensor(count=2**40)))
    yield "a storage of 2^63 bytes", "is broken: the storage 0 has", dictionary(("weight", tensor(count=2**62)))
    yield "a storage of more than 64 bits", "names a storage in a way", dictionary(("weight", tensor(count=2**64)))
    yield "a storage that is missing", "is broken", dictionary(("weight", tensor(key="7")))
    yield "a storage outside of the archive", "is broken", dictionary(("weight", tensor(key="../../etc/passwd")))


def patched(data, offset, value):
    return data[:offset] + value + data[offset + len(value):]


def archives():
    """What zip archives and other containers do."""
    good = zipped(dictionary(("weight", tensor())))
    yield "a storage that is missing", "lacks the storage 7", zipped(dictionary(("weight", tensor(key="7"))))
    central = good.index(b"PK\x01\x02")
    end = good.index(b"PK\x05\x06")
    yield "TorchScript", "program of TorchScript", zipped(dictionary(("w", tensor())), files={"constants.pkl": PROTO + EMPTY_TUPLE + STOP})
    yield "a zip without a pickle", "holds no data.pkl", zipped(b"", files={}).replace(b"data.pkl", b"data.pkx")
    yield "a zip without a folder", "but none of torch", zipped(b"").replace(b"archive/", b"archive_")
    doubled = zipped(dictionary(("w", tensor())), files={"data.pkx": beside(name("posix", "system"))})
    yield "a second pickle of the same name", "two files of the name", doubled.replace(b"data.pkx", b"data.pkl")
    yield "another name before the content", "where it stands", patched(good, 30, b"archive/evil.pkl")
    yield "an encrypted flag (nullifies scanners)", "encrypted file", patched(good, central + 8, b"\x01\x00")
    yield "an unknown method", "packed by method 99", patched(good, central + 10, b"\x63\x00")
    yield "an entry beyond the file", "is broken", patched(good, central + 42, struct.pack("<I", 0x7fffffff))
    yield "an entry of 4 GB", "is broken", patched(good, central + 20, struct.pack("<II", 0xfffffff0, 0xfffffff0))
    yield "an entry without its large size", "size of a large file", patched(good, central + 20, struct.pack("<II", 0xffffffff, 0xffffffff))
    second = good.index(b"PK\x01\x02", central + 4)
    yield "two entries in one place", "overlap", patched(good, second + 42, struct.pack("<I", 0))
    pickled = len(dictionary(("weight", tensor())))
    yield "an entry that reaches into the next", "overlap", patched(
        good, central + 20, struct.pack("<II", pickled + 60, pickled + 60))
    yield "an entry that reaches beyond the file", "overlap", patched(
        good, central + 20, struct.pack("<II", len(good) - 20, len(good) - 20))
    yield "a directory of many entries", "no directory at the end", patched(good, end + 10, b"\xff\xff")
    yield "a directory beyond the file", "no directory at the end", patched(good, end + 16, struct.pack("<I", 0x7fffffff))
    yield "a directory that is cut short", "is broken", good[:end - 3] + good[end:]
    yield "a file that is cut short", "no directory at the end", good[:-30]
    yield "bytes behind the archive", "no directory at the end", good + b"MZ evil"
    yield "7z (nullifAI)", "is no file of torch", b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(60)
    yield "a plain pickle", "none that torch.save wrote", PROTO + name("posix", "system") + unicode("id") + TUPLE1 + REDUCE + STOP
    yield "a plain pickle of protocol 4", "none that torch.save wrote", b"\x80\x04\x95\x00" + bytes(20)
    yield "a pickle of protocol 0", "is no file of torch", b"cposix\nsystem\n(S'id'\ntR."
    yield "nothing", "is no file of torch", b""
    yield "a page", "is no file of torch", b"<!DOCTYPE html>"
    zeros = zlib.compress(bytes(1 << 20))
    assert len(zeros) < 2000
    yield "a bomb in a storage", "four times its size", zipped(
        dictionary(("weight", tensor(sizes=(1 << 18,), strides=(1,), count=1 << 18))), {"0": bytes(1 << 20)}, method=zipfile.ZIP_DEFLATED)
    yield "a bomb in the pickle", "four times its size", zipped(
        PROTO + EMPTY_DICT + NONE * (1 << 20) + STOP, method=zipfile.ZIP_DEFLATED)
    deflated = zipped(dictionary(("weight", tensor())), method=zipfile.ZIP_DEFLATED)
    spot = deflated.index(b"archive/data.pkl") + 16
    yield "a deflated file that is broken", "does not unpack", patched(deflated, spot + 4, b"\xff\xff\xff\xff")
    yield "a byte order of its own", "neither little nor big", zipped(dictionary(("w", tensor())), files={"byteorder": b"middle"})
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for path, data in [("storages", PROTO + integer(0) + STOP), ("tensors", PROTO + integer(0) + STOP),
                           ("pickle", PROTO + name("posix", "system") + unicode("id") + TUPLE1 + REDUCE + STOP)]:
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    yield "the tar layout (CVE-2025-32434)", "is a tar archive", target.getvalue()[:6 * 512]
    body = dictionary(("weight", tensor()))
    yield "an old file of another version", "of version", legacy(body).replace(b"M\xe9\x03", b"M\xea\x03", 1)
    yield "an old file with a global among the facts", "global posix.system", legacy(body).replace(
        b"\x88s.", b"\x88scposix\nsystem\n0.", 1)
    yield "an old file with a global among the keys", "global posix.system", legacy(body)[:-24 - 9] + name("posix", "system") + b"a." + bytes(24)
    yield "an old file without storages", "cut short", legacy(body, storages=b"")
    yield "an old file whose storage claims too much", "cut short", legacy(body, storages=struct.pack("<q", 2**61) + bytes(16))
    yield "an old file whose storage claims a negative size", "cut short", legacy(body, storages=struct.pack("<q", -1) + bytes(16))
    yield "an old file with another size", "has 3 elements, not 4", legacy(body, storages=struct.pack("<q", 3) + bytes(16))
    yield "an old file without the key", "lacks the storage 0", legacy(body, keys=())
    yield "an old file with a key twice", "is broken", legacy(body, keys=("0", "0"))
    yield "an old file with a key of nothing", "is broken", legacy(body, keys=("0", "1"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DEFAULT)
    path = parser.parse_args().output
    attacks = []
    for index, (title, says, pickle) in enumerate(calls()):
        attacks.append((title, says, zipped(pickle) if index % 4 < 2 else legacy(pickle)))
    for title, says, pickle in [*instructions(), *lengths()]:
        attacks.append((f"{title}, zip", says, zipped(pickle)))
        attacks.append((f"{title}, legacy", says, legacy(pickle, keys=("0",) if b"FloatStorage" in pickle else ())))
    attacks += archives()
    # Runs of one byte are written as a count, so that bombs take few lines.
    lines = [json.dumps(dict(name=title, says=says, file=packed(data)), ensure_ascii=False) for title, says, data in attacks]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(lines)} files, {sum(map(len, lines)) // 1000} KB")


def packed(data):
    """Hexadecimal digits, with `*COUNT*` behind a byte that is repeated often."""
    text, position = [], 0
    while position < len(data):
        end = position
        while end < len(data) and data[end] == data[position]:
            end += 1
        if end - position > 40:
            text.append(f"{data[position]:02x}*{end - position}*")
            position = end
        else:
            text.append(f"{data[position]:02x}")
            position += 1
    return "".join(text)


if __name__ == "__main__":
    main()
