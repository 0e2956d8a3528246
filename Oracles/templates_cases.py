"""Small templates over every feature of the language, one idea each; what they give is left to jinja2."""

VARIABLES = {
    "a": 1, "b": 2, "big": 9007199254740993, "x": 2.5, "neg": -7, "t": True, "f": False, "n": None,
    "s": "Hello, World", "e": "", "u": "Grüße 東京 👩‍👩‍👧 e\u0301", "w": "  padded\t\n", "lines": "one\ntwo\r\nthree\n\nfive",
    "l": [3, 1, 2], "words": ["banana", "Apple", "cherry", "apple"], "el": [], "d": {"z": 1, "a": [1, {"k": "v"}], "items": "own"},
    "ed": {}, "mixed": [1, 1.0, "1", True, None, [2], {"q": 'it\'s "quoted"\\\n'}],
    "people": [{"name": "Ann", "age": 30, "address": {"city": "Oslo"}}, {"name": "bob", "age": 25}, {"name": "Cy", "age": 30, "address": {"city": "Rome"}}],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}],
    "html": "<a href='x'>\"&amp;\"</a>", "control": "\u0000\u001f\u007f\u0085\u200b\ufeff",
}

LITERALS = """
{{ 1 }} {{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 00 }} {{ 1.5 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 2E10 }} {{ 1_0.2_5 }}
{{ 1e16 }} {{ 1e15 }} {{ 123456789012345680.0 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1e100 }} {{ 5e-324 }} {{ 1e400 }} {{ -1e400 }} {{ -0.0 }} {{ 0.1 + 0.2 }} {{ 100.0 }} {{ 1e22 }} {{ 3.0e-5 }}
{{ true }} {{ True }} {{ false }} {{ False }} {{ none }} {{ None }}
{{ 'a' "b" 'c' }} {{ 'it\\'s' }} {{ "say \\"x\\"" }} {{ 'tab\\there\\nnew\\\\ \\x41 \\u00e9 \\U0001f600 \\101 \\0 \\q \\é é' }}
{{ 'line\\
joined' }}
{{ '\\x4' }}
{{ '\\ud800' }}
{{ [1, 'two', 3.0, none, true, [4], (5,), {'k': 'v'}] }} {{ [] }} {{ {} }} {{ () }} {{ (1,) }} {{ (1, 2) }} {{ 1, 2 }} {{ [1, 2,] }} {{ {'a': 1,} }}
{{ {'a': 1, 'b': {'c': [1]}, 3: 4, none: 5, true: 6, 1.5: 7, (1, 2): 8} }}
{{ {1: 'a', 1.0: 'b', true: 'c'} }}
{{ {[1]: 2} }}
{{ 'é\\u0301' == 'é' }} {{ 'é' == 'é' }}
{{ 99999999999999999 }}
{{ "'" }} {{ ["'", '"', '\\'"', '\\n\\t\\r\\x00\\x7f\\u200b\\xad é 東 \\\\'] }}
{{ control|list }}
{{ mixed }}
{{ u|list }}
{{ 1 if true }} {{ 1 if false }} {{ 1 if false else 2 }} {{ 1 if 0 else 2 if '' else 3 }}
{{ (1 if false) is defined }}
""".strip().split("\n{{ ")

EXPRESSIONS = r"""
a + b * 3
(a + b) * 3
2 ** 3 ** 2
-2 ** 2
2 ** -1
2 ** 0.5
0 ** -1
10 / 4
10 / 5
7 // 2
-7 // 2
7 // -2
neg % 3
neg % -3
7 % -3
-7.5 % 2
7.5 // 2
-7.5 // 2
7.5 % -2
6.0 // -2
0.0 // -2
-0.0 % 3
1 / 0
1 // 0
1 % 0
1.0 / 0
true + true
true * 3.5
big + 0.0
big == 9007199254740992.0
9007199254740993 > 9007199254740992.0
9223372036854775807 == 9223372036854775807.0
9223372036854775807 < 9223372036854775808.0
1 < 2 < 3
1 < 3 < 2
1 == 1.0 == true
'a' < 'b'
'Z' < 'a'
'é' > 'z'
'\uffff' < '\U00010000'
[1, 2] < [1, 3]
[1, 2] < [1, 2, 0]
(1, 2) <= (1, 2)
[1] == (1,)
[1, 2] == [1.0, 2.0]
{'a': 1, 'b': 2} == {'b': 2, 'a': 1.0}
{'a': 1} == {'a': 2}
1 < 'a'
none < 1
none == none
none == false
0 == false
'' == false
1 != 1.0
'a' != 'a'
not a
not not e
not a == 2
a and b
a and e
e or s
n or e or l
a or missing.x
e and missing.x
1 in [1, 2]
1 not in [1, 2]
'ell' in s
'' in s
1 in 'abc'
'z' in d
1 in d
1.0 in range(3)
2 in range(0, 10, 3)
9 in range(0, 10, 3)
none in [none]
'a' in none
[1] in [[1]]
a ~ b
a ~ 'x' ~ none ~ 1.5 ~ [1] ~ missing
'a' + 'b' * 3
'ab' * 0
'ab' * -1
3 * 'ab'
[1] * 2 + [3]
(1,) + (2,)
[1] + (2,)
'a' + 1
1 + 'a'
'a' - 'b'
none + 1
-s
+true
-true
+2.5
-none
- 2 ** 2
not 1 + 1
a if b else x
a is odd
b is even
a is odd and b is odd
a is not odd
not a is odd
a is defined
missing is defined
missing is not defined
missing is undefined
n is none
n is not none
e is none
1 is number
1.5 is number
true is number
'1' is number
1 is integer
true is integer
1.0 is integer
1.0 is float
1 is float
true is boolean
1 is boolean
true is true
1 is true
false is false
0 is false
s is string
l is string
l is sequence
s is sequence
d is sequence
d is mapping
l is mapping
l is iterable
1 is iterable
d.items() is iterable
d.items() is sequence
missing is iterable
missing is sequence
range is callable
s is callable
missing is callable
a is divisibleby 3
9 is divisibleby(3)
9 is divisibleby 0
a is eq 1
a is eq(1)
a is equalto 1
a is ne 1
a is lt 2
a is lessthan 2
a is gt 2
a is greaterthan(0)
a is ge 1
a is le 0
a is == 1
a is in [1, 2]
a is not in [1, 2]
a is in(l)
'a' is in 'abc'
'abc' is lower
'Abc' is lower
'ABC' is upper
'' is upper
1 is lower
none is sameas none
true is sameas true
1 is sameas true
'trim' is filter
'nope' is filter
'odd' is test
'nope' is test
a is nope
a is odd is even
'x' is escaped
1 is defined and 2 is defined
1 is defined if true else 2
a is defined or missing.y
s.upper is callable
s.nope is defined
l[0]
l[-1]
l[3]
l[3] is defined
l[-4] is defined
l['x']
l[true]
l[1.0]
l.0
l.5
people.0.name
people[0]['name']
people[0].address.city
people[1].address
people[1].address.city
d.z
d['z']
d['items']
d.items()
d.keys()
d.values()
d['keys'] is defined
d.keys is defined
d.nope
d.nope is defined
d.nope.deeper
d['nope']['deeper']
missing
missing.x
missing['x']
missing()
missing + 1
missing ~ 'x'
missing == missing2
missing == none
missing|length
missing|list
missing|default('d')
missing is none
[missing]
not missing
missing < 1
missing in [1]
1 in missing
missing * 2
n.x
n['x']
n.x is defined
(1).x is defined
1.x is defined
s[0]
s[-1]
s[99]
s[0:5]
s[7:]
s[:-7]
s[::-1]
s[::2]
s[-5:-1]
s[5:2]
s[5:2:-1]
s[100:200]
s[-100:3]
s[::0]
s[1:'a']
s[none:none]
u[0:3]
u[6:8]
u[::-1]
u[10]
u|length
l[1:]
l[::-1]
l[:2]
l[-2:]
l[10:]
(1, 2, 3)[1:]
range(10)[2:5]|list
range(10)[::3]|list
range(10)[2:9:3]
range(4)[::100]
range(9, 0, -2)[::-1]
range(5)[-1]
range(5)[7] is defined
d[1:2]
n[1:2]
missing[1:2]
messages[0:1] is defined
s[0] ~ s[1]
s.upper()
s.lower()
s.title()
s.capitalize()
s.swapcase()
'ß ŉ ǆ ΑΣ ΑΣΑ Σ İ'.lower()
'ß ŉ ǆ ﬁ ΰ'.upper()
'ß ŉ ǆ ﬁ'.title()
'ß ŉ ǆ'.capitalize()
"they're bill's friends".title()
'ǅungla'.swapcase()
w.strip()
w.strip() ~ '|'
w.lstrip() ~ '|'
w.rstrip() ~ '|'
'xxhixx'.strip('x')
'xyhiyx'.strip('xy')
'xxhixx'.lstrip('x')
'xxhixx'.rstrip('x')
'abc'.strip('')
'\u3000\xa0x\u2003\x85'.strip()
'a,b,,c'.split(',')
'a,b,,c'.split(',', 1)
'a,b,,c'.split(',', maxsplit=2)
'a,b,,c'.rsplit(',', 1)
' a  b c '.split()
' a  b c '.split(none, 1)
' a  b c '.split(' ')
' a  b c '.rsplit(none, 1)
'abc'.split('')
''.split()
''.split(',')
'aXXbXXc'.split('XX')[-1]
'</think>a</think>b'.split('</think>')[-1].lstrip('\n')
lines.splitlines()
lines.splitlines(true)
'a\x0bb\x1cc\u2028d\x85e'.splitlines()
'abcabc'.find('c')
'abcabc'.find('c', 3)
'abcabc'.find('z')
'abcabc'.rfind('b')
'abcabc'.index('b')
'abcabc'.index('z')
'abcabc'.rindex('c')
u.find('東')
u.index('京', 2)
'aaaa'.count('aa')
'aaaa'.count('')
'aaaa'.count('a', 1, 3)
s.startswith('Hello')
s.startswith(('x', 'Hell'))
s.startswith('World', 7)
s.startswith('World', 7, 9)
s.endswith('World')
s.endswith(('x', 'y'))
s.endswith('')
s.startswith(1)
'aXbXc'.replace('X', '--')
'aXbXc'.replace('X', '--', 1)
'abc'.replace('', '-')
'abc'.replace('', '-', 2)
'abc'.replace('b', '')
', '.join(['a', 'b'])
', '.join([])
', '.join([1, 2])
''.join('abc'|reverse)
'-'.join('abc')
'-'.join({'a': 1, 'b': 2})
'a=b=c'.partition('=')
'a=b=c'.rpartition('=')
'abc'.partition('=')
'abc'.rpartition('=')
'prefix-x'.removeprefix('prefix-')
'x.txt'.removesuffix('.txt')
'x'.center(6, '*')
'x'.center(5, '*')
'xy'.center(5, '*')
'xy'.ljust(5, '.')
'xy'.rjust(5, '.')
'-42'.zfill(6)
'42'.zfill(5)
'a\tb\tc'.expandtabs(4)
'123'.isdigit()
'1²'.isdigit()
'1²'.isdecimal()
'½'.isnumeric()
'abc'.isalpha()
'ab1'.isalpha()
'ab1'.isalnum()
' \n'.isspace()
''.isspace()
'Title Case'.istitle()
'abc'.islower()
'ABC1'.isupper()
'abc'.isascii()
'é'.isascii()
'name1'.isidentifier()
'a\x00'.isprintable()
'ß'.casefold() is string
s.nope()
s.format()
'{} {}'.format(1, 'x')
'{0} {1} {0}'.format('a', 'b')
'{name}: {value:.2f}'.format(name='pi', value=3.14159)
'{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd')
'{:05d} {:+d} {:,} {:x} {:#x} {:b} {:e} {:%}'.format(42, 42, 1234567, 255, 255, 5, 12345.678, 0.25)
'{!r} {!s}'.format('x', 'y')
'{0[1]} {1.z} {1[a][0]}'.format(l, d)
'{{}} {}'.format(1)
'{'.format(1)
'}'.format(1)
'{} {}'.format(1)
'{x}'.format(y=1)
'{:d}'.format('x')
'{:5}|{:5}'.format(1, 'a')
'{:.3}'.format('abcdef')
'{} {} {} {}'.format(none, true, 1.0, [1, 'a'])
'%s and %s' % ('a', 1)
'%s' % 'x'
'%s' % [1, 'a']
'%d%%' % 5
'%5d|%-5d|%05d|%+d' % (1, 2, 3, 4)
'%.2f %e %g %x %o %r' % (3.14159, 12345.6, 0.0001, 255, 8, 'q')
'%(a)s-%(b)s' % {'a': 1, 'b': 2}
'%s %s' % 'x'
'%s' % (1, 2)
'%d' % 'x'
'%z' % 1
'%c%c' % (65, 'b')
'%5.1f|%-8s|%8s' % (2.345, 'ab', 'cd')
d.get('z')
d.get('nope')
d.get('nope', 'fb')
d.get(1)
d.get([])
d.copy()
d.pop('z')
d.update({})
d.setdefault('q', 1)
l.append(4)
l.append
l.index(1)
l.index(9)
l.count(3)
l.copy()
l.pop()
l.sort()
l.nope()
(1, 2, 1).count(1)
(1, 2).index(2)
d.items()|list
d.items()|length
d.keys()|list
d.keys()|first
d.keys()[0] is defined
d.values()|list|length
'z' in d.keys()
d.items() is mapping
d|length
d|list
d|first
range(3)
range(3)|list
range(1, 4)|list
range(10, 0, -3)|list
range(0)|list
range(1, 2, 0)
range(2.5)
range(200000)|length
range(100000)|length
range('a')
dict(a=1, b=2)
dict({'x': 1}, y=2)
dict([('a', 1), ('b', 2)])
dict(1)
namespace(a=1)
namespace(a=1).a
namespace(_a=1)
namespace({'q': 1}).q
namespace(a=1).nope is defined
namespace(a=1)['a']
cycler('a', 'b').next()
cycler().next()
joiner()() ~ 'x'
raise_exception('stop: ' ~ a)
raise_exception()
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y, %A %B %H:%M:%S %j %p %y %%')
strftime_now('%f|%z|%Z')
strftime_now is defined
lipsum is string
s(1)
1()
range(1)(2)
a.b.c
"a".b.c
[1,2,3].0
{'a': {'b': 1}}.a.b
{'a': 1}['a']
(a)
((a))
[a, b][1]
'%s|%s'|format(a, b)
'%(x)s'|format(x=1)
'%s'|format(a, x=1)
""".strip().split("\n")

FILTERS = r"""
w|trim ~ '|'
'xxhixx'|trim('x')
1|trim
none|trim
n|upper
s|upper
s|lower
'hello wORLD foo-bar (baz) [qux] <q> {z} a.b'|title
'hELLO wORLD'|capitalize
l|length
l|count
1|length
none|length
u|length
l|first
l|last
el|first
el|first is defined
el|last
'abc'|first
'abc'|last
d|last
''|first
1|first
d.items()|first
d.items()|last
l|map('string')|last
'abc'|list
d|list
1|list
l|join
l|join(', ')
words|join('|')
people|join(',', attribute='name')
mixed|join('/')
'abc'|join('-')
[missing]|join
[1, [2, 'x']]|join(' ')
l|reverse|list
'abc'|reverse
u|reverse
(1,2)|reverse|list
1|reverse
l|sort
words|sort
words|sort(case_sensitive=true)
words|sort(reverse=true)
people|sort(attribute='age')|map(attribute='name')|list
people|sort(attribute='age,name', reverse=true)|map(attribute='name')|list
people|sort(attribute='name')|map(attribute='name')|join(',')
[1, 'a']|sort
[[2, 1], [1, 2]]|sort
'hello'|sort|join
words|unique|list
words|unique(true)|list
[1, 1.0, true, 2]|unique|list
people|unique(attribute='age')|map(attribute='name')|list
[[1]]|unique|list
words|min
words|max
[3, 1.5]|min
[]|min is defined
people|max(attribute='age')
people|min(attribute='age')
[1, 'a']|min
l|sum
people|sum(attribute='age')
[1.5, 2]|sum
[[1], [2]]|sum(start=[])
['a']|sum
['a']|sum(start='')
el|sum
missing|default('x')
n|default('x')
e|default('x')
e|default('x', true)
n|default('x', boolean=true)
0|d(5, true)
missing|d
d.nope|default(d.z)
missing.x|default('x')
'42'|int
' 42 '|int
'4_2'|int
'42.7'|int
'-42.7'|int
'abc'|int
'abc'|int(7)
'abc'|int(default=none)
'ff'|int(base=16)
'0xff'|int(base=16)
'0b11'|int(0, 0)
'012'|int(0, 0)
none|int
true|int
2.9|int
-2.9|int
1e400|int
'1e3'|int
'inf'|int
[]|int
missing|int
'1.5'|float
'abc'|float
'abc'|float(2.5)
'1e3'|float
'.5'|float
'5.'|float
'1_0.5'|float
' -inf '|float
'nan'|float
3|float
none|float
'--1'|float
-3|abs
-3.5|abs
'x'|abs
2.5|round
3.5|round
-2.5|round
2.675|round(2)
2.345|round(1)
1234.5|round(-2)
42.55|round(1, 'floor')
42.55|round(1, 'ceil')
42.4|round(method='ceil')
7|round
7|round(2)
15|round(-1)
25|round(-1)
'x'|round
1.5|round(0, 'nope')
lines|indent
lines|indent(2)
lines|indent(2, true)
lines|indent(2, first=true, blank=true)
lines|indent('> ')
''|indent(2, true)
1|indent
'foo bar baz qux'|truncate(9)
'foo bar baz qux'|truncate(9, true)
'foo bar baz qux'|truncate(11)
'foo bar baz qux'|truncate(11, false, '...', 0)
'foo bar'|truncate(2)
'x'|truncate
s|wordcount
'a-b c_d 東京 1'|wordcount
'abc'|center(7) ~ '|'
s|replace('l', 'L')
s|replace('l', 'L', 2)
1|replace(1, 2)
s|replace('l')
html|escape
html|e
none|e
s|safe
n|safe
1|string ~ '1'
'a b/c&d=é'|urlencode
{'a b': 1, 'c': '/é'}|urlencode
[('a', 1)]|urlencode
l|batch(2)|list
l|batch(2, 'x')|list
[1,2,3,4,5,6,7]|slice(3)|list
[1,2,3,4,5,6,7]|slice(3, 'x')|list
l|slice(0)|list
d|items|list
missing|items|list
l|items|list
ed|items|list
d|dictsort|length
{'b': 1, 'A': 3, 'c': 2}|dictsort
{'b': 1, 'A': 3, 'c': 2}|dictsort(true)
{'b': 1, 'A': 3, 'c': 2}|dictsort(false, 'value')
{'b': 1, 'A': 3, 'c': 2}|dictsort(by='value', reverse=true)
{'b': 1}|dictsort(by='nope')
l|dictsort
people|groupby('age')|list|length
people|map(attribute='name')|list
people|map(attribute='address.city')|list
people|map(attribute='address.city', default='?')|list
people|map(attribute='address', default='?')|list
people|map(attribute='nope')|list
l|map('string')|list
words|map('upper')|join(' ')
words|map('replace', 'a', 'o')|list
l|map('nope')|list
el|map('nope')|list
l|map(attribute=0)|list
[[1, 2], [3, 4]]|map(attribute=1)|list
[[1, 2], [3, 4]]|map(attribute='0')|list
[[1, 2], [3]]|map('length')|list
[0, 1, '', 'x']|select|list
[0, 1, '', 'x']|reject|list
l|select('odd')|list
l|reject('odd')|list
l|select('gt', 1)|list
l|select('in', [1, 3])|list
l|select('divisibleby', 3)|list
l|select('nope')|list
words|select('equalto', 'apple')|list
people|selectattr('age', 'equalto', 30)|map(attribute='name')|list
people|selectattr('age', '==', 25)|list|length
people|selectattr('address')|list|length
people|selectattr('address', 'defined')|list|length
people|rejectattr('address', 'defined')|map(attribute='name')|first
people|selectattr('name', 'in', ['Ann', 'Cy'])|list|length
people|selectattr('address.city', 'eq', 'Oslo')|list|length
(people|selectattr('age', 'equalto', 99)) is defined
'yes' if people|selectattr('age', 'equalto', 99) else 'no'
people|selectattr('age', 'equalto', 99)|list|length
d|tojson
mixed|tojson
u|tojson
u|tojson(ensure_ascii=true)
control|tojson
control|tojson(true)
d|tojson(indent=2)
d|tojson(indent=0)
d|tojson(indent='--')
el|tojson(indent=2)
ed|tojson(indent=2)
{'a': [], 'b': {}}|tojson(indent=1)
d|tojson(separators=(',', ':'))
d|tojson(indent=2, separators=(' , ', ' : '))
d|tojson(sort_keys=true)
{'b': 1, 'a': 2, 'é': 3, 'Z': 4}|tojson(sort_keys=true)
{1: 2, none: 3, true: 4, 1.5: 5}|tojson
{1: 2, 'a': 3}|tojson(sort_keys=true)
{(1, 2): 3}|tojson
(1, 2)|tojson
1.0|tojson
1e400|tojson
-1e400|tojson
true|tojson
none|tojson
missing|tojson
[missing]|tojson
range(3)|tojson
d.items()|tojson
l|map('string')|tojson
'<b>&\'"/'|tojson
d|attr('z')
d|attr('keys') is callable
s|nope
s|nope if false else 'unreached'
s|upper|lower|title
s|length > 5
s|length + 1
-l|length
not el|length
a + b|string
(a + b)|string
a ~ b|string
'x' in words|map('lower')
'apple' in words|map('lower')
l|upper
d|upper
l|first|string ~ 'x'
'a,b'.split(',')|last
s|upper()
s|replace(old='l', new='m')
s|upper(1)
s|trim(nope=1)
l|join(d='-')
l|join(*['+'])
l|join(**{'d': '='})
l|join(d='-', **{'d': '='})
dict(**{'a': 1})
dict(a=1, **{'a': 2})
range(*[1, 3])|list
range(*[1], **{})|list
""".strip().split("\n")

STATEMENTS = [
    # White space and comments.
    "a\n{% if true %}\nb\n{% endif %}\nc\n", "a\n  {% if true %}  \n  b\n  {% endif %}\nc", "  {%- if true -%}  x  {%- endif -%}  y",
    "a {%- if true %} b {% endif -%} c", "a\n\n  {{- 1 -}}  \n\nb", "  {{ 1 }}  \n  {{ 2 }}\n", "\n\n{# c #}\n\nx", "  {# c #}  x", "a{#- c -#}  b", "a  {#+ c +#}\n b", "a\n  {%+ if true %}x{% endif +%}\n b",
    "a\n  {%+ if true +%}\nx\n{% endif %}\n", "{% raw %}{{ x }} {% if %}{% endraw %}", "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\n  b", "a {%- raw -%}  {{ x }}  {%- endraw -%}  b", "{% raw %}{# x #}{% endraw +%}\ny", "{%raw%}x{%endraw%}",
    "x\n", "x\n\n", "x\r\ny\rz\n", "", "\n", "{{ 'a' }}\n", "{{ 'a\r\nb' }}", "a {{ '}}' }} {{ \"%}\" }} b", "{{ {'a': {'b': 1}}['a']['b'] }}", "{{ {'a': {}}}}", "{ {x} } {x %} #} }}", "{{'a'}}{{'b'}}", "{% if true %}\n\n\nx{% endif %}", "\t{% if true %}\tx\n\t{% endif %}\ty",
    "a  {%- set q = 1 %}  b", "a {% set q = 1 -%} \n\n b", "\u3000{% if true %}x{% endif %}", "x{# multi\nline\n#}\ny", "{% if true -%}\n  x\n{%- endif %}\n", "{%- for i in l -%} {{ i }} {%- endfor -%}", "{% for i in l %}{{ i }}\n{% endfor %}\nz",
    "{{- 'a' }}\n{{ 'b' -}}\n\n c", "  {%- if true %}a{% endif %}  ", "a{% if false %}b{% endif %}\n\nc", "{% if true %}a{% endif %}\n{% if true %}b{% endif %}\n",
    # Conditions.
    "{% if a %}1{% elif b %}2{% else %}3{% endif %}", "{% if e %}1{% elif b %}2{% else %}3{% endif %}", "{% if e %}1{% elif n %}2{% else %}3{% endif %}", "{% if e %}1{% elif n %}2{% endif %}", "{% if missing %}1{% else %}0{% endif %}", "{% if missing is defined and missing.x %}1{% else %}0{% endif %}",
    "{% if a == 1 and b == 2 or false %}y{% endif %}", "{% if not (a and e) %}y{% endif %}", "{% if a: %}x{% endif %}", "{% if 1, 0 %}t{% endif %}", "{% if el|length == 0 %}empty{% endif %}", "{% if x > 2.4 %}y{% endif %}",
    # Loops.
    "{% for i in l %}{{ i }},{% endfor %}", "{% for i in el %}x{% else %}none{% endfor %}", "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}", "{% for i in l %}{{ loop.previtem is defined }}{{ loop.nextitem is undefined }} {% endfor %}", "{% for i in l %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for i in [1,1,2,2,1] %}{% if loop.changed(i) %}{{ i }}{% endif %}{% endfor %}",
    "{% for i in range(10) if i is odd %}{{ i }}{{ loop.index }}{{ loop.last }} {% endfor %}", "{% for i in range(10) if i is odd %}{{ loop.length }}{{ loop.revindex }} {% endfor %}", "{% for i in l if i > 5 %}x{% else %}none{% endfor %}", "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }};{% endfor %}",
    "{% for a, b in [[1, 2], (3, 4)] %}{{ a }}{{ b }} {% endfor %}{{ a }}", "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}", "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for (a, b) in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}", "{% for c in 'héy' %}{{ c }}.{% endfor %}", "{% for i in n %}{% endfor %}", "{% for i in 5 %}{% endfor %}", "{% for i in missing %}x{% else %}y{% endfor %}",
    "{% for x in tree recursive %}{{ x.v }}[{{ loop(x.c) }}]{{ loop.depth }}{{ loop.depth0 }}{% endfor %}", "{% for x in l %}{{ loop(l) }}{% endfor %}", "{% for i in range(5) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in range(5) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "{% for i in l %}{% break %}{% else %}none{% endfor %}", "{% for i in el %}{% break %}{% else %}none{% endfor %}", "{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}",
    "{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}", "{% for i in l %}{% if loop.first %}<{% endif %}{{ i }}{% if not loop.last %}, {% else %}>{% endif %}{% endfor %}", "{% for i in [1, 2], [3] %}{{ i }}{% endfor %}", "{% for i in l|sort|reverse %}{{ i }}{% endfor %}", "{% for i in l[1:] %}{{ i }}{% endfor %}", "{{ loop is defined }}", "{% for i in l %}{{ loop }}{% endfor %}", "{% for i in l|map('string') %}{{ i }}{{ loop.last }}{{ loop.length }}{% endfor %}",
    "{% for g in people|groupby('age') %}{{ g.grouper }}:{{ g.list|length }};{{ g[0] }}{% endfor %}", "{% for age, group in people|groupby('age') %}{{ age }}:{{ group|map(attribute='name')|join('+') }};{% endfor %}", "{% for m in people|selectattr('age', 'equalto', 30) %}{{ m.name }}{{ loop.index }}{% endfor %}", "{% for i in range(3) %}{% set q = i %}{{ q }}{% endfor %}{{ q is defined }}", "{% for x in [1] if missing.x %}{% endfor %}",
    "{% for i in [3] %}{% for i in [4] %}{{ i }}{% endfor %}{{ i }}{% endfor %}{{ i is defined }}", "{% set it = l|map('string') %}{{ it|first }}{{ it|first }}{{ it|list }}{{ it|list }}", "{% for k, v in d|items %}{{ k }}{% endfor %}", "{% for k, v in {'b': 1, 'a': 2}|dictsort %}{{ k }}{{ v }}{% endfor %}", "{% for i in range(3) %}{{ i }}{% if not loop.last %}{{ '\\n' }}{% endif %}{% endfor %}",
    # Variables and scope.
    "{% set q = 1 %}{{ q }}", "{% set q, r = 1, 2 %}{{ q }}{{ r }}", "{% set q = 1, 2 %}{{ q }}", "{% set q %}x{{ a }}{% endset %}[{{ q }}]", "{% set q | upper %}x{{ a }}y{% endset %}{{ q }}", "{% set q | replace('x', 'y') | upper %}xx{% endset %}{{ q }}", "{% set q = 1 %}{% if true %}{% set q = 2 %}{% endif %}{{ q }}", "{% set q = 1 %}{% for i in l %}{% set q = q + i %}{{ q }} {% endfor %}{{ q }}",
    "{% set ns = namespace(q=0) %}{% for i in l %}{% set ns.q = ns.q + i %}{% endfor %}{{ ns.q }}", "{% set ns = namespace() %}{% set ns.x = [] %}{% for i in l %}{% set ns.x = ns.x + [i] %}{% endfor %}{{ ns.x }}", "{% set ns = namespace(a=1) %}{{ ns }}{{ ns.b is defined }}", "{% set d.x = 1 %}", "{% set missing.x = 1 %}", "{% set ns = namespace() %}{% set ns._x = 1 %}", "{% set a = 5 %}{{ a }}", "{% set q = q2 %}{{ q is defined }}", "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}", "{% set ns = namespace() %}{% set ns.t %}body{% endset %}{{ ns.t }}",
    "{% set (q, r) = [1, 2] %}{{ q }}{{ r }}", "{% set q, r = [1] %}", "{% set q, r = 'ab' %}{{ q }}{{ r }}", "{% with q = 1 %}{{ q }}{% set r = 2 %}{{ r }}{% endwith %}{{ q is defined }}{{ r is defined }}", "{% with q = 1, r = 2 %}{{ q + r }}{% endwith %}", "{% set q = 1 %}{% with q = 2, r = q %}{{ q }}{{ r }}{% endwith %}", "{% with %}x{% endwith %}", "{% if true %}{% set q = 1 %}{% endif %}{{ q }}", "{% for i in [1, 2] %}{% if i == 1 %}{% set q = 'set' %}{% endif %}[{{ q }}]{% endfor %}", "{% set q = 'out' %}{% for i in [1, 2] %}[{{ q }}]{% set q = 'in' %}[{{ q }}]{% endfor %}", "{% set ns = namespace(l=l) %}{% for x in ns.l %}{% set ns.l = [9] %}{{ x }}{% endfor %}{{ ns.l }}",
    "{% set q = namespace(n=1) %}{% macro m() %}{% set q.n = q.n + 1 %}{% endmacro %}{{ m() }}{{ m() }}{{ q.n }}", "{% set q %}{% for i in l %}{{ i }}{% break %}{% endfor %}{% endset %}{{ q }}", "{% set range = 3 %}{{ range }}", "{% set x = x + 1 %}{{ x }}",
    # Macros and calls.
    "{% macro m(x, y=2) %}{{ x }}-{{ y }};{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(y=4, x=5) }}{{ m() }}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(z=2) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, k='v') }}", "{% macro m(x, y=x) %}{{ y }}{% endmacro %}{{ m(7) }}", "{% macro m(x) %}{{ x is defined }}{% endmacro %}{{ m() }}", "{% macro fact(k) %}{{ 1 if k < 2 else k * fact(k - 1)|int }}{% endmacro %}{{ fact(5) }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body {{ a }}{% endcall %}", "{% macro m(l) %}{% for i in l %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}{% call(x, y) m(l) %}<{{ x }}:{{ y }}>{% endcall %}", "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", "{{ m() }}{% macro m() %}x{% endmacro %}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m }}", "{% macro m() %}{% set q = 1 %}{{ q }}{% endmacro %}{{ m() }}{{ q is defined }}",
    "{% set q = 1 %}{% macro m() %}{{ q }}{% endmacro %}{% set q = 2 %}{{ m() }}", "{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ ['a', 'b']|map('upper')|map('lower')|join(m(',')) }}", "{% macro m(x) -%}\n  {{ x }}\n{%- endmacro %}[{{ m('q') }}]", "{% macro m(x, y) %}{% endmacro %}{{ m(1, x=2) }}", "{% macro m(y=1, x) %}{% endmacro %}", "{% macro m() %}{{ m2() }}{% endmacro %}{% macro m2() %}two{% endmacro %}{{ m() }}",
    "{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(5) }}", "{% macro a() %}{{ a }}{% endmacro %}{{ a() }}", "{% macro m() %}{{ loop is defined }}{% endmacro %}{% for i in l %}{{ m() }}{% endfor %}", "{% macro m(caller=none) %}{{ caller }}{% endmacro %}{{ m() }}", "{% macro m(*args) %}{% endmacro %}", "{% call 1 %}x{% endcall %}",
    # Filter blocks and others.
    "{% filter upper %}x{{ s }}{% endfilter %}", "{% filter trim|replace('x', 'y') %}  xx {% endfilter %}", "{% filter nope %}x{% endfilter %}", "{% filter length %}abc{% endfilter %}", "{% print 1, 'x', l %}", "{% print %}", "{% generation %}gen{% endgeneration %}", "{% generation -%}\n  x {{ a }}\n{%- endgeneration %}y", "{% generation %}{% set q = 1 %}{% endgeneration %}{{ q is defined }}", "{% for i in l %}{% generation %}{{ i }}{% endgeneration %};{% endfor %}",
    "{% for i in l %}{% generation %}{% break %}{% endgeneration %}{% endfor %}", "é{% generation %}東{{ u }}{% endgeneration %}é", "{% set c = cycler('a', 'b', 'c') %}{% for i in range(4) %}{{ c.next() }}{% endfor %}{{ c.current }}{{ c.reset() }}{{ c.current }}", "{% set j = joiner('|') %}{% for i in l %}{{ j() }}{{ i }}{% endfor %}", "{% for i in l %}{% set j = loop %}{% endfor %}{{ j is defined }}",
    "{% for m in l %}{{ raise_exception('no ' ~ m) if m == 1 else m }}{% endfor %}", "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% endif %}",
    # What is not of the language.
    "{{ }}", "{{ 1", "{% if %}{% endif %}", "{% if a %}", "{% endif %}", "{% for i l %}{% endfor %}", "{% for i in l %}", "{% nope %}", "{{ 'a }}", "{{ a b }}", "{{ (1 }}", "{{ [1 }}", "{{ 1] }}", "{{ a. }}", "{{ a.'x' }}", "{{ |upper }}", "{{ a| }}", "{{ a|1 }}", "{# open", "{% raw %}x", "{{ ! }}", "{{ a ? b }}", "{{ a @ b }}", "{% set %}", "{% set q %}", "{% set 1 = 2 %}", "{% set true = 2 %}", "{% set none = 2 %}", "{% set q.r.s = 1 %}", "{% macro %}{% endmacro %}", "{% macro m %}{% endmacro %}", "{% break %}", "{% continue %}", "{% for i in l %}{% set loop = 1 %}{% endfor %}", "{% for loop in l %}{% endfor %}",
    "{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{% do l %}", "{{ f(a=1, 2) }}", "{{ f(a=1, a=2) }}", "{{ dict(*[], *[]) }}", "{{ a is }}", "{{ a is not }}", "{{ a not b }}", "{{ a in }}", "{{ 1 if }}", "{{ {a} }}", "{{ {1: } }}", "{% if a %}{% else %}{% elif b %}{% endif %}", "{% if a %}{% endfor %}", "{% filter %}{% endfilter %}", "{% call %}{% endcall %}", "{{ a; b }}", "{{ a\n+\nb }}", "{{\na\n}}", "{%\nif a\n%}x{%\nendif\n%}", "{% if a %}x{% endif a %}", "{% for i in l %}x{% endfor %}{% endfor %}", "{{ a == }}", "{{ * }}", "{{ a ** }}", "{{ not }}", "{{ a,, b }}", "{{ [,] }}", "{{ (,) }}", "{{ f(,) }}", "{{ 1 2 }}", "{{ a = 1 }}", "{% set q = %}", "{{ 01 }}", "{{ 1__0 }}", "{{ 0xg }}", "{{ 1.e }}", "{{ é }}", "{% set é = 1 %}{{ é }}", "{{ $ }}", "{{ `a` }}", "{% %}", "{%%}", "{{ a }", "{% if a }}x{% endif %}", "{{ a %}", "{{ x\u200by }}", "{% with a %}{% endwith %}", "{% generation %}", "{% endgeneration %}", "{% print 1,, 2 %}", "{{ a if b else }}", "{{ a.b() }}", "{{ 'x'.0 }}", "{{ 1.0.x is defined }}", "{{ a .b is defined }}", "{{ d . z }}", "{{ d\n['z'] }}", "{{ l [0] }}", "{{ s . upper ( ) }}", "{{ - 1 }}", "{{ --1 }}", "{{ +-1 }}", "{{ not not 1 }}", "{{ 1 is not not none }}", "{{ {**d} }}", "{{ [*l] }}", "{{ l[1,2] is defined }}", "{{ l[:] }}{{ l[::] }}{{ l[1::] }}{{ l[:1:] }}", "{{ l[] }}",
]


def templates():
    """Every template, in an order that stays."""
    literals = [part if part.startswith("{{ ") else "{{ " + part for part in LITERALS]
    both = [f"{{{{ {expression} }}}}" for expression in EXPRESSIONS + FILTERS]
    return literals + both + STATEMENTS
