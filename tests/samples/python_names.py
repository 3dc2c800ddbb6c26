"""Prints the public names of Python's modules for concurrency, one a line: functions and
classes, methods and attributes of the classes, and the optional arguments of all of them,
as `queue.Queue.put(timeout)`. Run it with CPython 3.13.
"""

import importlib
import inspect

# For each module the classes with members that count; None for all of them. asyncio's are
# those of its high-level interface: no event loops, transports, protocols and policies.
MODULES = {
    "asyncio": [
        "Barrier", "BoundedSemaphore", "Condition", "Event", "Future", "LifoQueue", "Lock",
        "PriorityQueue", "Queue", "Runner", "Semaphore", "Server", "StreamReader",
        "StreamWriter", "Task", "TaskGroup", "Timeout",
    ],
    "asyncio.subprocess": ["Process"],
    "concurrent.futures": None,
    "contextvars": None,
    "multiprocessing": None,
    "multiprocessing.connection": None,
    "multiprocessing.managers": ["BaseManager", "SharedMemoryManager", "SyncManager"],
    "multiprocessing.pool": ["AsyncResult", "Pool", "ThreadPool"],
    "multiprocessing.queues": ["JoinableQueue", "Queue", "SimpleQueue"],
    "multiprocessing.shared_memory": None,
    "queue": None,
    "signal": [],
    "subprocess": None,
    "threading": None,
}  # fmt: skip

# Their modules do not name them, as functions of other modules return them.
UNNAMED = {
    "asyncio.subprocess": ["Process"],
    "multiprocessing.connection": ["Connection"],
    "multiprocessing.pool": ["AsyncResult"],
}

# The class that is made by a function of the same name.
KNOWN_AS = {"multiprocessing.pool.Pool": "multiprocessing.Pool"}


def is_public(name: str) -> bool:
    return not name.startswith("_")


def with_arguments(path: str, call: object) -> list[str]:
    """The name of something that can be called, and one for each optional argument."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        parameters = []  # It is written in C and does not say.
    optional = [p.name for p in parameters if p.default is not p.empty]
    return [path] + [f"{path}({name})" for name in optional if is_public(name)]


def members(path: str, cls: type, listed: set[type]) -> list[str]:
    """The names of a class, without those of base classes that are listed, too."""
    if issubclass(cls, tuple):
        return []  # Its fields are items of a structure.
    inherited = set(dir(object))
    for base in cls.__mro__[1:]:
        if base in listed:
            inherited |= set(dir(base))
    names = []
    for name in sorted(filter(is_public, set(dir(cls)) - inherited)):
        member = getattr(cls, name)
        member_path = f"{path}.{name}"
        if callable(member):
            names += with_arguments(member_path, member)
        else:
            names.append(member_path)
    return names


def is_error(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseException)


def main() -> None:
    values = {}
    listed = set()
    for module_name, classes in MODULES.items():
        module = importlib.import_module(module_name)
        names = set(getattr(module, "__all__", dir(module)))
        names |= set(UNNAMED.get(module_name, []))
        for name in sorted(filter(is_public, names)):
            value = getattr(module, name)
            if inspect.ismodule(value):
                continue
            path = f"{module_name}.{name}"
            values[KNOWN_AS.get(path, path)] = value
            if inspect.isclass(value) and (classes is None or name in classes):
                listed.add(value)
    for path, value in values.items():
        if not callable(value) or is_error(value):
            print(path)
        elif not inspect.isclass(value):
            print("\n".join(with_arguments(path, value)))
        elif value in listed:
            names = with_arguments(path, value) + members(path, value, listed)
            print("\n".join(names))
        else:
            print(path)


main()
