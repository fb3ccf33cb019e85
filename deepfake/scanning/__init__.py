"""Archives too large for one sitting: listed once, judged by many workers, written in whole parts."""

PATIENCE_S = 180.0  # how long a scan waits where there is no worker
