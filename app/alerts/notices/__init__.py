"""Notices of alerts that go out: to web addresses and mailboxes, signed, tried again, told apart by a key."""
