"""edXML of QCVN 102:2016/BTTTT: the message between agencies, read and written. Knows neither web nor database."""
