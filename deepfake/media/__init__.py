"""Pictures and the faces in them. Nothing is learned or judged in here."""
