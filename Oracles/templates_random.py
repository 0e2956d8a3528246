"""Random templates of the language, for comparing what nobody thought of."""

import random

import templates_cases as cases

NAMES = [*cases.VARIABLES, "missing", "loop", "ns.v", "d.z", "d.a", "people[0]", "people[1].address", "range(4)", "q"]
LITERALS = ["0", "1", "-2", "7", "2.5", "-0.5", "1e10", "''", "'a'", "'Ab c'", "'é東'", "', '", "true", "false", "none", "[]", "{}", "(1, 'a')", "[1, 2.0, '3']", "{'k': 1, 'a': [2]}"]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping", "iterable", "sequence", "odd", "even", "divisibleby 2", "in [1, 'a']", "eq 1", "lt 2", "sameas none", "lower", "upper", "callable"]
FILTERS = ["trim", "upper", "lower", "title", "capitalize", "length", "first", "last", "list", "join", "join(', ')", "sort", "reverse|list", "unique|list", "string", "int", "float", "abs", "round", "round(1)", "sum", "min", "max", "tojson", "tojson(indent=2)", "default('D')", "default('D', true)", "items|list", "dictsort", "replace('a', 'b')", "indent(2)", "truncate(6)", "wordcount", "escape", "batch(2)|list", "slice(2)|list", "map('string')|list", "map(attribute='name')|list", "map(attribute=0)|list", "select|list", "reject('odd')|list", "selectattr('age')|list", "rejectattr('age', 'eq', 30)|list", "center(9)", "groupby(0)|list", "sort(reverse=true)", "urlencode", "format(1)", "attr('x')"]
METHODS = ["strip()", "strip('a')", "lstrip()", "rstrip()", "split()", "split(',')", "split(' ', 1)", "rsplit(' ', 1)", "upper()", "lower()", "title()", "capitalize()", "swapcase()", "startswith('H')", "endswith('d')", "replace('l', 'L')", "find('o')", "rfind('o')", "count('l')", "isdigit()", "isalpha()", "isspace()", "istitle()", "splitlines()", "join(['x', 'y'])", "get('a')", "get('q', 1)", "keys()|list", "values()|list", "items()|list", "index('a')", "format(1, k=2)", "partition(',')", "zfill(5)", "nope", "x.y"]
SLICES = ["[0]", "[-1]", "[1:]", "[:-1]", "[::-1]", "[1:3]", "['a']", "['k']", "[9]", "[::2]", "[-3:]", ".a", ".name"]


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def expression(self, depth=0):
        r = self.random
        roll = r.random() + depth * 0.12
        if roll > 0.85:
            return r.choice(NAMES) if r.random() < 0.6 else r.choice(LITERALS)
        part = self.expression(depth + 1)
        kind = r.randrange(9)
        if kind == 0:
            return f"{part} {r.choice(BINARY)} {self.expression(depth + 1)}"
        if kind == 1:
            return f"({part}) is {'not ' if r.random() < 0.3 else ''}{r.choice(TESTS)}"
        if kind == 2:
            return f"{part}|{r.choice(FILTERS)}"
        if kind == 3:
            return f"({part})|{r.choice(FILTERS)}"
        if kind == 4:
            return f"({part}).{r.choice(METHODS)}"
        if kind == 5:
            # A constant's slice is undefined where another value's is an error.
            chosen = r.choice(SLICES)
            return f"({r.choice(NAMES) if ':' in chosen else part}){chosen}"
        if kind == 6:
            return f"{r.choice(['not', '-', '+'])} {part}" if r.random() < 0.5 else f"[{part}, {self.expression(depth + 1)}]"
        if kind == 7:
            return f"({part} if {self.expression(depth + 2)} else {self.expression(depth + 2)})"
        return f"({part} {r.choice(BINARY)} {self.expression(depth + 1)})"

    def tag(self, text):
        r = self.random
        return "{%" + r.choice(["", "", "-", "+"]) + f" {text} " + r.choice(["", "", "-", "+"]) + "%}"

    def white(self):
        return self.random.choice(["", "", " ", "\n", "  \n", "\n\n ", "x", " y\n", "\t", "é "])

    def body(self, depth=0):
        return "".join(self.white() + self.statement(depth) for _ in range(self.random.randint(1, 3))) + self.white()

    def statement(self, depth):
        r = self.random
        kind = r.randrange(12) if depth < 3 else r.randrange(3)
        if kind < 3:
            minus = r.choice(["", "", "-"])
            return "{{" + minus + f" {self.expression()} " + r.choice(["", "", "-"]) + "}}"
        if kind == 3:
            middle = self.tag(f"elif {self.expression(2)}") + self.body(depth + 1) if r.random() < 0.3 else ""
            middle += self.tag("else") + self.body(depth + 1) if r.random() < 0.4 else ""
            return self.tag(f"if {self.expression(1)}") + self.body(depth + 1) + middle + self.tag("endif")
        if kind in (4, 5):
            names = r.choice(["i", "q", "k, v", "a"])
            suffix = f" if {self.expression(2)}" if r.random() < 0.2 else ""
            extra = r.choice(["", "{{ loop.index }}", "{{ loop.last }}", "{{ loop.revindex }}", "{{ i }}", "{% if loop.first %}{% continue %}{% endif %}", "{% if loop.index > 2 %}{% break %}{% endif %}", "{% set ns.v = (ns.v|string) ~ loop.index %}"])
            other = self.tag("else") + self.body(depth + 1) if r.random() < 0.2 else ""
            return self.tag(f"for {names} in {self.expression(2)}{suffix}") + extra + self.body(depth + 1) + other + self.tag("endfor")
        if kind == 6:
            return self.tag(f"set {r.choice(['q', 'a', 'i', 'ns.v'])} = {self.expression(1)}")
        if kind == 7:
            return self.tag(r.choice(["set q", "set q | upper", "filter trim"])).replace("filter trim", "set q | trim") + self.body(depth + 1) + self.tag("endset")
        if kind == 8:
            return self.tag("filter upper") + self.body(depth + 1) + self.tag("endfilter")
        if kind == 9:
            return self.tag(f"macro m(x, y={r.choice(LITERALS)})") + self.body(depth + 1) + "{{ x }}{{ y }}" + self.tag("endmacro") + "{{ m(" + r.choice(["1", "", "y=2", "'a', 'b'", "1, 2, 3"]) + ") }}"
        if kind == 10:
            return self.tag(f"with q = {self.expression(2)}") + self.body(depth + 1) + self.tag("endwith")
        return r.choice(["{# note #}", "{#- note -#}", "{% raw %}{{ x }}{% endraw %}", "  {# note #}\n"])

    def template(self):
        start = "{% set ns = namespace(v=0) %}"
        return start + ("{{ " + self.expression() + " }}" if self.random.random() < 0.5 else self.body())
