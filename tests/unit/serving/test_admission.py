import asyncio
import logging
import threading

import pytest

from steelyard.serving.admission import Admission, Limits


@pytest.fixture
def opened():
    found = []

    def make(**limits):
        found.append(Admission(Limits(**limits)))
        return found[-1]

    yield make
    for admission in found:
        admission.close()


def test_work_is_done_off_the_event_loop(opened):
    admission = opened()

    outcome = asyncio.run(admission.run(threading.get_ident))

    assert outcome.refused == ""
    assert outcome.value != threading.get_ident()


def test_above_the_queue_limit_the_answer_comes_at_once(opened):
    admission = opened(workers=1, max_queue=2, answer_within_s=5)
    gate, entered = threading.Event(), threading.Event()

    async def crowd():
        first = asyncio.create_task(admission.run(lambda: (entered.set(), gate.wait(5))))
        await asyncio.to_thread(entered.wait, 5)
        waiting = [asyncio.create_task(admission.run(lambda: "done")) for _ in range(2)]
        await asyncio.sleep(0)
        over = await admission.run(lambda: "never")
        gate.set()
        return over, [(await task).value for task in waiting], await first

    over, others, _ = asyncio.run(crowd())

    assert over.refused == "queue_full"
    assert others == ["done", "done"]
    assert admission.refused == 1


def test_an_answer_that_takes_too_long_is_not_waited_for(opened):
    admission = opened(workers=1, answer_within_s=0.05)
    gate = threading.Event()

    outcome = asyncio.run(admission.run(lambda: gate.wait(5)))
    gate.set()

    assert outcome.refused == "too_slow"


def test_what_waited_too_long_is_not_begun(opened):
    admission = opened(workers=1, max_queue=9, answer_within_s=0.1)
    gate, entered = threading.Event(), threading.Event()
    begun = []

    async def crowd():
        slow = asyncio.create_task(admission.run(lambda: (entered.set(), gate.wait(5))))
        await asyncio.to_thread(entered.wait, 5)
        late = asyncio.create_task(admission.run(lambda: begun.append(1)))
        outcomes = await slow, await late
        gate.set()
        return outcomes

    slow, late = asyncio.run(crowd())
    admission.close()

    assert (slow.refused, late.refused) == ("too_slow", "too_slow")
    assert begun == []


def test_a_long_expected_wait_is_refused_before_it_begins(opened):
    admission = opened(workers=1, max_queue=99, answer_within_s=0.2)
    gate, entered = threading.Event(), threading.Event()

    async def crowd():
        for _ in range(40):  # each takes 20 ms, which the server remembers
            await admission.run(lambda: entered.wait(0.02))
        slow = asyncio.create_task(admission.run(lambda: (entered.set(), gate.wait(5))))
        await asyncio.to_thread(entered.wait, 5)
        waiting = [asyncio.create_task(admission.run(lambda: 1)) for _ in range(20)]
        await asyncio.sleep(0)
        outcome = await admission.run(lambda: 1)
        gate.set()
        await asyncio.gather(slow, *waiting)
        return outcome

    assert asyncio.run(crowd()).refused == "queue_delay"


def test_work_that_fails_is_logged_and_the_next_is_done(opened, caplog):
    admission = opened(workers=1)

    async def both():
        return await admission.run(lambda: 1 / 0), await admission.run(lambda: "fine")

    with caplog.at_level(logging.ERROR):
        failed, fine = asyncio.run(both())

    assert failed.refused == "failed"
    assert fine.value == "fine"
    assert "ZeroDivisionError" in caplog.text


def test_after_closing_everything_is_refused(opened):
    admission = opened()
    admission.close()

    assert asyncio.run(admission.run(lambda: 1)).refused == "closed"
