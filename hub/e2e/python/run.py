"""Runs the tests of a folder: run.py FOLDER [TOP]. A test that hangs is named and ends the run."""

import logging
import os
import signal
import sys
import unittest

TEST_SECONDS_MAX = 240


class Named(unittest.TextTestResult):
    """Gives every test its time."""

    def startTest(self, test):
        def hung(*_):
            print(f"\nhangs for {TEST_SECONDS_MAX} s: {test.id()}", file=sys.__stderr__, flush=True)
            for hub in getattr(sys.modules.get("support"), "RUNNING", ()):
                hub.process.kill()
            os._exit(1)

        signal.signal(signal.SIGALRM, hung)
        signal.alarm(TEST_SECONDS_MAX)
        super().startTest(test)

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)


folder, top = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
tests = unittest.defaultTestLoader.discover(folder, top_level_dir=top)
# The SDK's own suite logs every frame.
logging.disable(logging.INFO)
runner = unittest.TextTestRunner(resultclass=Named, verbosity=2, buffer=True)
sys.exit(not runner.run(tests).wasSuccessful())
