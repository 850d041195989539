"""Functions of _codecs, also with an error handler of our own: random calls with a fixed seed; both interpreters print the same results and the same errors."""
import _codecs
import random
import warnings

warnings.simplefilter("ignore")
R = random.Random(3)


def run(f, *args):
    try:
        return ascii(f(*args))
    except Exception as e:
        return f"{type(e).__name__}: {ascii(str(e))}"


alph=['ab','abc \t\n','aAbB1 .','\xe9\xc9a ','\u0130\u03a3\u03c3a\u2028 ','\U0001f600a\u1234','\ud800\udc00ab\xff','0123456789+-abcxyz{}[]!:.%()','\u0663\u00b2\u00bd\x1c1']
def rs(n=12):
    al=R.choice(alph); return ''.join(R.choice(al) for _ in range(R.randrange(n)))


def rb(n=14):
    al=R.choice([bytes(range(256)),b'\xff\x80a\xe0\xa0\xc3\xf0\x9f\x98\x80',b'+AGEa-!\xff2',b'\\x41nu0NU{}8\n',b'\xd8\0\xdc\0ab',b'ab']); return bytes(R.choice(al) for _ in range(R.randrange(n)))
D=['utf_8_decode','utf_7_decode','utf_16_decode','utf_16_le_decode','utf_16_be_decode','utf_32_decode','utf_32_le_decode','unicode_escape_decode','raw_unicode_escape_decode']
D2=['ascii_decode','latin_1_decode','escape_decode','readbuffer_encode']
E=['utf_8_encode','utf_7_encode','utf_16_encode','utf_16_be_encode','utf_32_encode','utf_32_le_encode','unicode_escape_encode','raw_unicode_escape_encode','latin_1_encode','ascii_encode']
ER=['strict','ignore','replace','backslashreplace','surrogateescape','surrogatepass','xmlcharrefreplace','namereplace',None,'weird']


def weird(e):
    return R.choice([("x", e.end), ("\u1234yz", e.end), ("", e.start + 1), (b"zz", e.end), ("q", e.end + 100),
                     ("b", len(e.object)), 5])


_codecs.register_error("weird", weird)
for _ in range(20000):
    errors = R.choice(ER)
    k = R.randrange(4)
    if k < 2:
        name, args = R.choice(D), (rb(), errors) + ((R.random() < 0.5,) if R.random() < 0.7 else ())
    elif k == 2:
        name, args = R.choice(D2), (rb(), errors)
    else:
        name, args = R.choice(E), (rs(12), errors)
    print(name, ascii(args), run(getattr(_codecs, name), *args))
