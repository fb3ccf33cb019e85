"""Archives too large for one sitting: listed once, judged by many workers, written in whole parts."""
