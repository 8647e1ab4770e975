#!/usr/bin/env python3
"""Every program of the story is killed with SIGKILL once and started again on the data it left: nothing is lost."""

import argparse
import shutil
import sys
import time

from parts import Refused
from story import ADMIN, Api, Story, check, limits_reread_seconds


class RestartStory(Story):
    def play(self):
        self.start_platform()
        self.prepare_event()
        self.hold_seats()
        self.platform.kill()
        self.run_platform()
        self.pay()
        self.platform.kill()
        self.run_platform()
        self.read_mail()
        self.admin = Api(self.admin_url).logged_in(*ADMIN)
        self.enrol_handheld()
        self.scan_at_the_gate()
        self.handheld.kill()
        self.start_handheld()
        again = self.scan(self.tickets[0]["code"])
        check(again["reason"] == "already_used", f"the handheld forgot what it admitted: {again}")
        self.bastion.kill()
        admitted = self.scan(self.second["code"])
        check(admitted["outcome"] == "admitted", f"without the bastion: {admitted}")
        self.restart_bastion()
        self.platform.kill()
        self.run_platform()
        self.cloud_link.mend()
        self.wait_for_reread_window()
        again = self.scan(self.second["code"])
        check(again["reason"] == "already_used", f"it was forgotten: {again}")
        self.admin = Api(self.admin_url).logged_in(*ADMIN)
        self.check_the_cloud()
        self.check_logs_agree()

    def restart_bastion(self):
        """The same bastion on its own data; it has enrolled, so it needs no code, and the cloud is out of reach."""
        self.bastion = self.run("bastion", f"--data_dir={self.folder}/bastion-1", f"--listen=127.0.0.1:{self.bastion_port}",
                                f"--cloud_url=http://127.0.0.1:{self.cloud_link.port}", log="bastion-1")
        self.bastion.line(lambda line: '"ready"' in line)

    @staticmethod
    def wait_for_reread_window():
        time.sleep(limits_reread_seconds())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    arguments.data_dir, arguments.keep_running = None, False
    story = RestartStory(arguments)
    try:
        story.play()
    except BaseException as error:
        print(f"logs: {story.folder}", file=sys.stderr)
        story.close()
        if isinstance(error, Refused):
            print(error.problem, file=sys.stderr)
        raise
    story.close()
    shutil.rmtree(story.folder, ignore_errors=True)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
