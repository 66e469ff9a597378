# Common faults of fields, by their codes; in Chinese the use cases say them themselves.
fault-required = This must not be empty
fault-too-long = This is too long
fault-control-character = This contains invisible control characters; remove them
fault-wrong-format = This is not in the right form
fault-wrong-type = This is of the wrong kind
fault-unknown-value = Choose one of the values offered
fault-out-of-range = This is out of range
fault-not-a-number = Enter a whole number
fault-unknown-field = This field does not exist; open the page again
fault-wrong-password = The present password is wrong
fault-wrong-code = The code is wrong; check the clock of your phone
fault-one-quota = Fill in exactly one of the three: share, total, or by credit-risk class
