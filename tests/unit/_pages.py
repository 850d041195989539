"""What the system says of the process's memory."""
import resource


def faults():
    """Pages that it has found for the process so far without reading a file."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def resident():
    """Bytes of the process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
