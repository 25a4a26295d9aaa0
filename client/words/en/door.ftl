door-lead = For whoever sold the tickets. Scan the code with your phone's camera, or with a hand scanner into this field, or type it.
door-admit = Admit
door-missing = Scan or type a code first.
door-since = { $when }, at { $hour } UTC
door-seconds-ago =
    { $number ->
        [0] just now
        [one] { $number } second ago
       *[other] { $number } seconds ago
    }
door-minutes-ago =
    { $number ->
        [one] { $number } minute ago
       *[other] { $number } minutes ago
    }
verdict-valid = Good for entry
verdict-valid-advice = Let one person in. The code is used from now on.
verdict-used = Used already
verdict-used-advice = Somebody was let in with this code. Do not let anybody in with it again.
verdict-foreign = Not your event
verdict-foreign-advice = Somebody else sold this ticket, and only they can let people in with it.
verdict-unknown = Not a ticket
verdict-unknown-advice = This is not the code of a ticket that was sold here. Look whether all of it was read.
field-code = Code of the ticket
