# What every script of this folder begins with: `. "$HERE/_prelude.sh"`.
#
# PYTHON is the interpreter under test, REFERENCE always the reference, HERE this folder; the current folder is empty.

# run WORD...: runs a command, shows it and its status.
run()
{
    echo "\$ $*"
    "$@"
    echo "status $?"
}

# python WORD...: the interpreter under test, likewise; its path is not shown.
python()
{
    echo "\$ python $*"
    "$PYTHON" "$@"
    echo "status $?"
}

# digest WORD...: likewise for long output, of which the size and the check sum are shown, addresses masked, and frozen
# sets, whose order may depend on them.
digest()
{
    echo "\$ python $*"
    "$PYTHON" "$@" >digest.out 2>digest.err
    echo "status $?"
    sed -E 's/0x[0-9a-f]{6,}/ADDRESS/g; s/frozenset\(\{[^}]*\}\)/FROZENSET/g' digest.out | cksum
    cat digest.err >&2
}
