"""Object-oriented: one-way constraints in the manner of DeltaBlue: strengths, plans, polymorphic propagation."""
import os

SCALE = 1.5 * float(os.environ.get("BENCH_SCALE", 1))
REQUIRED, STRONG, NORMAL, WEAK, WEAKEST = range(5)


class Variable:
    def __init__(self, name, value=0):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.strength = WEAKEST
        self.mark = 0
        self.stay = True


class Constraint:
    def __init__(self, strength):
        self.strength = strength

    def variables(self):
        raise NotImplementedError

    def post(self, solver):
        for v in self.variables():
            v.constraints.append(self)
        solver.satisfy_incrementally(self)

    def retract(self, solver):
        if self.is_satisfied():
            solver.retract_incrementally(self)
        for v in self.variables():
            v.constraints.remove(self)


class Unary(Constraint):
    def __init__(self, output, strength, solver):
        super().__init__(strength)
        self.output = output
        self.satisfied = False
        self.post(solver)

    def variables(self):
        return (self.output,)

    def inputs(self):
        return ()

    def is_satisfied(self):
        return self.satisfied

    def choose(self, mark):
        self.satisfied = self.output.mark != mark and self.strength < self.output.strength

    def unsatisfy(self):
        self.satisfied = False

    def target(self):
        return self.output

    def recalculate(self):
        self.output.strength = self.strength
        self.output.stay = self.is_stay()
        if self.output.stay:
            self.execute()

    def is_stay(self):
        return True

    def execute(self):
        pass


class Stay(Unary):
    pass


class Edit(Unary):
    def is_stay(self):
        return False


class Binary(Constraint):
    def __init__(self, a, b, strength, solver):
        super().__init__(strength)
        self.a = a
        self.b = b
        self.direction = 0
        self.post(solver)

    def variables(self):
        return (self.a, self.b)

    def inputs(self):
        return (self.a if self.direction > 0 else self.b,)

    def is_satisfied(self):
        return self.direction != 0

    def choose(self, mark):
        a, b = self.a, self.b
        if a.mark == mark:
            self.direction = 1 if b.mark != mark and self.strength < b.strength else 0
        elif b.mark == mark:
            self.direction = -1 if self.strength < a.strength else 0
        elif a.strength > b.strength:
            self.direction = -1 if self.strength < a.strength else 0
        else:
            self.direction = 1 if self.strength < b.strength else 0

    def unsatisfy(self):
        self.direction = 0

    def target(self):
        return self.b if self.direction > 0 else self.a

    def recalculate(self):
        source, target = self.inputs()[0], self.target()
        target.strength = max(self.strength, source.strength)
        target.stay = source.stay
        if target.stay:
            self.execute()


class Equal(Binary):
    def execute(self):
        self.target().value = self.inputs()[0].value


class Scale(Binary):
    def __init__(self, a, factor, offset, b, strength, solver):
        self.factor, self.offset = factor, offset
        super().__init__(a, b, strength, solver)

    def variables(self):
        return (self.a, self.b, self.factor, self.offset)

    def execute(self):
        if self.direction > 0:
            self.b.value = self.a.value * self.factor.value + self.offset.value
        else:
            self.a.value = (self.b.value - self.offset.value) // self.factor.value


class Solver:
    def __init__(self):
        self.mark = 0

    def new_mark(self):
        self.mark += 1
        return self.mark

    def satisfy_incrementally(self, constraint):
        mark = self.new_mark()
        while constraint is not None:
            constraint = self.satisfy(constraint, mark)

    def satisfy(self, constraint, mark):
        constraint.choose(mark)
        if not constraint.is_satisfied():
            if constraint.strength == REQUIRED:
                raise RuntimeError("a required constraint cannot be satisfied")
            return None
        for v in constraint.inputs():
            v.mark = mark
        target = constraint.target()
        overridden = target.determined_by
        if overridden is not None:
            overridden.unsatisfy()
        target.determined_by = constraint
        self.propagate(constraint, mark)
        target.mark = mark
        return overridden

    def propagate(self, constraint, mark):
        todo = [constraint]
        while todo:
            c = todo.pop()
            target = c.target()
            if target.mark == mark and c is not constraint:
                raise RuntimeError("a cycle")
            c.recalculate()
            todo.extend(self.consumers(target))

    def consumers(self, variable):
        by = variable.determined_by
        return [c for c in variable.constraints if c is not by and c.is_satisfied() and variable in c.inputs()]

    def retract_incrementally(self, constraint):
        out = constraint.target()
        constraint.unsatisfy()
        out.determined_by = None
        out.strength = WEAKEST
        out.stay = True
        loose, todo = [], [out]
        while todo:
            v = todo.pop()
            loose += [c for c in v.constraints if not c.is_satisfied() and c is not constraint]
            for c in self.consumers(v):
                c.recalculate()
                todo.append(c.target())
        for strength in (REQUIRED, STRONG, NORMAL, WEAK):
            for c in loose:
                if c.strength == strength and not c.is_satisfied():
                    self.satisfy_incrementally(c)

    def plan_from(self, sources):
        mark, plan, todo = self.new_mark(), [], list(sources)
        while todo:
            c = todo.pop()
            out = c.target()
            if out.mark != mark and all(v.mark == mark or v.stay or v.determined_by is None for v in c.inputs()):
                plan.append(c)
                out.mark = mark
                todo.extend(self.consumers(out))
        return plan


def change(solver, variable, value):
    edit = Edit(variable, STRONG, solver)
    plan = solver.plan_from([edit])
    for _ in range(5):
        variable.value = value
        for c in plan:
            c.execute()
    edit.retract(solver)


def chain(n):
    solver = Solver()
    row = [Variable(f"v{i}") for i in range(n + 1)]
    for a, b in zip(row, row[1:]):
        Equal(a, b, REQUIRED, solver)
    Stay(row[-1], WEAK, solver)
    for value in range(12):
        change(solver, row[0], value)
        assert row[-1].value == value
    return row[-1].value


def projection(n):
    solver = Solver()
    factor, offset = Variable("factor", 10), Variable("offset", 1000)
    pairs = []
    for i in range(n):
        source, target = Variable("source", i), Variable("target", i)
        Stay(source, NORMAL, solver)
        Scale(source, factor, offset, target, REQUIRED, solver)
        pairs.append((source, target))
    source, target = pairs[-1]
    change(solver, source, 17)
    first = target.value
    change(solver, target, 1050)
    return first, source.value, sum(t.value for _, t in pairs)


n = int(1400 * SCALE)
for _ in range(6):
    result = chain(n), projection(n * 2)
print(result)
