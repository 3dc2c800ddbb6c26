"""`pickle` for worker processes: send values of your own types, and get others back.

In Rust: phrasebook/process-pool/examples/processes-pickle.rs
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass


@dataclass
class Order:
    flour: str
    loaves: int


@dataclass
class Plan:
    order: Order
    minutes: int


def plan(order: Order) -> Plan:
    return Plan(order, order.loaves * 40)


def main() -> None:
    with ProcessPoolExecutor(max_workers=1) as pool:
        planned = pool.submit(plan, Order("rye", 3)).result()
    order = planned.order
    print(f"{order.loaves} loaves of {order.flour}: {planned.minutes} minutes")


if __name__ == "__main__":
    main()
