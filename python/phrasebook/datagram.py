"""UDP socket: send a datagram and wait for the answer.

In Rust: phrasebook/tokio/examples/datagram.rs
"""

import asyncio


class Clock(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, caller: tuple[str, int]) -> None:
        match data:
            case b"what time is it?":
                self.transport.sendto(b"it is nine", caller)
            case _:
                self.transport.sendto(b"what?", caller)


class Caller(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, clock: tuple[str, int]) -> None:
        self.answer.set_result(data)


async def main() -> None:
    loop = asyncio.get_running_loop()
    clock, _ = await loop.create_datagram_endpoint(Clock, local_addr=("127.0.0.1", 0))
    address = clock.get_extra_info("sockname")

    transport, caller = await loop.create_datagram_endpoint(Caller, remote_addr=address)
    transport.sendto(b"what time is it?")
    async with asyncio.timeout(5):  # A datagram can get lost.
        answer = await caller.answer
    print(f"the clock says: {answer.decode()}")
    transport.close()
    clock.close()


asyncio.run(main())
