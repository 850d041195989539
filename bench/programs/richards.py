"""Object-oriented: an operating system's scheduler in the manner of Martin Richards' benchmark: tasks, queues of packets."""
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))
IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
FOR_DEVICE, FOR_WORKER = range(2)
DATA_SIZE = 4


class Packet:
    def __init__(self, link, target, kind):
        self.link = link
        self.target = target
        self.kind = kind
        self.datum = 0
        self.data = [0] * DATA_SIZE

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, scheduler, name, priority, packets):
        self.scheduler = scheduler
        self.name = name
        self.priority = priority
        self.packets = packets
        self.waiting = packets is None
        self.held = False

    def is_ready(self):
        return not self.held and (not self.waiting or self.packets is not None)

    def receive(self, packet, current):
        self.packets = packet.append_to(self.packets)
        return self if self.priority > current.priority else current

    def step(self):
        packet = self.packets
        if packet is not None and self.waiting:
            self.packets = packet.link
            self.waiting = False
            return self.run(packet)
        self.waiting = False
        return self.run(None)

    def wait(self):
        self.waiting = True
        return self

    def run(self, packet):
        raise NotImplementedError


class Idle(Task):
    def __init__(self, scheduler, count):
        super().__init__(scheduler, IDLE, 0, None)
        self.waiting = False
        self.control = 1
        self.count = count

    def run(self, packet):
        self.count -= 1
        if self.count == 0:
            return self.scheduler.hold(self)
        if self.control & 1:
            self.control = self.control // 2 ^ 0xD008
            return self.scheduler.release(self, DEVICE_B)
        self.control //= 2
        return self.scheduler.release(self, DEVICE_A)


class Worker(Task):
    def __init__(self, scheduler, packets):
        super().__init__(scheduler, WORKER, 1000, packets)
        self.target = HANDLER_A
        self.letter = 0

    def run(self, packet):
        if packet is None:
            return self.wait()
        self.target = HANDLER_B if self.target == HANDLER_A else HANDLER_A
        packet.target = self.target
        packet.datum = 0
        for i in range(DATA_SIZE):
            self.letter = self.letter % 26 + 1
            packet.data[i] = 64 + self.letter
        return self.scheduler.send(self, packet)


class Handler(Task):
    def __init__(self, scheduler, name, priority, packets, device):
        super().__init__(scheduler, name, priority, packets)
        self.device = device
        self.work = None
        self.free = None

    def run(self, packet):
        if packet is not None:
            if packet.kind == FOR_WORKER:
                self.work = packet.append_to(self.work)
            else:
                self.free = packet.append_to(self.free)
        work = self.work
        if work is None:
            return self.wait()
        if work.datum >= DATA_SIZE:
            self.work = work.link
            work.target = WORKER
            return self.scheduler.send(self, work)
        free = self.free
        if free is None:
            return self.wait()
        self.free = free.link
        free.datum = work.data[work.datum]
        free.target = self.device
        work.datum += 1
        return self.scheduler.send(self, free)


class Device(Task):
    def __init__(self, scheduler, name, priority, owner):
        super().__init__(scheduler, name, priority, None)
        self.owner = owner
        self.pending = None

    def run(self, packet):
        if packet is None:
            if self.pending is None:
                return self.wait()
            packet, self.pending = self.pending, None
            packet.target = self.owner
            return self.scheduler.send(self, packet)
        self.pending = packet
        self.scheduler.trace.append(packet.datum & 1)
        return self.scheduler.hold(self)


class Scheduler:
    def __init__(self, count):
        self.sent = self.holds = 0
        self.trace = []
        self.tasks = {}

        def packets(target, kind, n):
            queue = None
            for _ in range(n):
                queue = Packet(queue, target, kind)
            return queue
        for task in (Idle(self, count), Worker(self, packets(WORKER, FOR_WORKER, 2)),
                     Handler(self, HANDLER_A, 2000, packets(HANDLER_A, FOR_DEVICE, 3), DEVICE_A),
                     Handler(self, HANDLER_B, 3000, packets(HANDLER_B, FOR_DEVICE, 3), DEVICE_B),
                     Device(self, DEVICE_A, 4000, HANDLER_A), Device(self, DEVICE_B, 5000, HANDLER_B)):
            self.tasks[task.name] = task
        self.order = sorted(self.tasks.values(), key=lambda task: -task.priority)

    def next_task(self):
        for task in self.order:
            if task.is_ready():
                return task
        return None

    def run(self):
        task = self.next_task()
        while task is not None:
            task = task.step() if task.is_ready() else self.next_task()

    def hold(self, task):
        self.holds += 1
        task.held = True
        return self.next_task()

    def release(self, task, name):
        other = self.tasks[name]
        other.held = False
        return other if other.priority > task.priority else task

    def send(self, task, packet):
        target = self.tasks[packet.target]
        self.sent += 1
        return target.receive(packet, task)


for _ in range(int(14 * SCALE) or 1):
    scheduler = Scheduler(12000)
    scheduler.run()
print(scheduler.sent, scheduler.holds, sum(scheduler.trace))
