"""Work that a thread does over and over begins once, ends when told to, and can begin again."""

import threading

from workbench.periodic import Periodic


def test_it_works_again_and_again_in_one_thread_however_often_it_is_started():
    threads, rounds, enough = set(), [], threading.Event()

    def work():
        threads.add(threading.current_thread())
        rounds.append(1)
        if len(rounds) >= 3:
            enough.set()

    periodic = Periodic("again", 0.001, work)
    periodic.start()
    periodic.start()
    assert enough.wait(30)
    periodic.end()
    assert [thread.name for thread in threads] == ["again"]
    assert not next(iter(threads)).is_alive()


def test_it_can_be_started_after_its_end():
    again = threading.Event()
    periodic = Periodic("twice", 0.001, again.set)
    periodic.start()
    periodic.end()
    assert periodic.ended
    again.clear()
    periodic.start()
    assert again.wait(30)
    periodic.end()


def test_an_end_waits_no_longer_than_it_is_patient_and_work_under_way_can_see_it():
    begun, saw = threading.Event(), threading.Event()

    def work():
        begun.set()
        while not periodic.ended:
            pass
        saw.set()

    periodic = Periodic("slow", 0.001, work)
    periodic.start()
    assert begun.wait(30)
    periodic.end(patience=0.0)
    assert saw.wait(30)
