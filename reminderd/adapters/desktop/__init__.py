"""What the desktop, the session and the clock tell us, each by a signal where there is one."""
