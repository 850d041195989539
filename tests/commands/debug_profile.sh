# pdb driven by a script on its standard input, trace, profile, cProfile.
# mask: [A-Z][a-z][a-z]\s[A-Z][a-z][a-z]\s[\s\d]\d\s[\d:]{8}\s\d{4} \d+\.\d\d\d(?=\s) (?<=in\s)\d+\.\d\d\d(?=\sseconds) \s+\d+/\d+\s \s+\d+(?=\s+MASKED)
. "$HERE/_prelude.sh"
cat >program.py <<'P'
import sys

def factorial(n):
    if n < 2:
        return 1
    return n * factorial(n - 1)

class Counter:
    total = 0
    def add(self, *amounts, **named):
        for amount in amounts:
            self.total += amount
        return self.total

def numbers(n):
    for i in range(n):
        yield i * i

def fails(text):
    value = {"key": text}
    return value["missing"]

counter = Counter()
print(factorial(5), counter.add(1, 2, 3), list(numbers(4)))
try:
    fails("x")
except KeyError as error:
    print("caught", error)
if len(sys.argv) > 1:
    fails(sys.argv[1])
print("end")
P
cat >session <<'P'
l
w
n
n
b factorial
b 21, text == "x"
b
c
a
p n, n * 2
pp {"n": n, "many": list(range(40))}
w
u
p counter
d
s
s
s
until
bt
r
retval
tbreak Counter.add
disable 1
c
source factorial
args
display self.total
n
n
n
undisplay self.total
whatis self
whatis counter.add
!extra = amounts[0] + 100
p extra
ll
condition 2 text != "x"
condition 2
ignore 2 0
c
where
l 1, 10
l .
commands 2
silent
p text
end
alias twice p %1 * 2
twice n
twice text
unalias twice
unknown_name
1 / 0
for i in range(3): print(i)
help a
help nonsense
clear 1
cl 99
j 22
b
interact
clear
y
c
q
P
python -m pdb program.py <session
cat >session2 <<'P'
b 13
c
r
p __return__
unt 25
u
d
n
tb numbers
c
s
s
j 16
n
rv
r
j 17
c 21
l
j 20
n
p value
ll
source Counter
!!text
p $_exception
r
q
P
python -m pdb program.py <session2
python -m pdb -c "b fails" -c c -c "p text" -c c -c q program.py
printf 'c\nw\np text\nq\n' | python -m pdb program.py argument
printf 'c\nq\n' | python -m pdb -m program
printf 'n\nn\nrestart\nq\n' | python -m pdb program.py
echo 'x = (' >wrong.py
printf 'c\nq\n' | python -m pdb wrong.py
printf 'q\n' | python -m pdb missing.py
echo 'breakpoint(); print(1)' >break.py
printf 'p 1 + 1\nn\nc\n' | python break.py
printf 'raise ValueError("odd")\n' >raises.py
printf 'c\nw\nq\n' | python -m pdb raises.py
PYTHONBREAKPOINT=0 python break.py
PYTHONBREAKPOINT=builtins.print python break.py
PYTHONBREAKPOINT=no.thing python break.py

python -m trace --count -C counts --missing --summary program.py
for file in counts/program.cover counts/*.cover; do [ -e "$file" ] && run cat counts/program.cover && break; done
python -m trace --trace --ignore-dir=/usr/lib program.py
python -m trace --listfuncs --ignore-dir=/usr/lib program.py
python -m trace --trackcalls --ignore-dir=/usr/lib program.py
python -m trace --count -f saved -C counts program.py
python -m trace --report -f saved -C counts
python -m trace program.py
python -m trace --count missing.py

python -m profile -s stdname program.py
python -m profile -s nonsense program.py
python -m profile -o saved.prof program.py
printf 'strip\nsort stdname\nstats factorial\ncallers add\nadd saved.prof\nstats\nreverse\nstats 3\ncallees factorial\nquit\n' | python -m pstats saved.prof
python -m profile -m program
python -m profile raises.py
python -m profile
