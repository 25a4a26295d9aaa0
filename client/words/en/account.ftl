sign-in-title = Sign in
sign-in-submit = Sign in
sign-in-wrong = The e-mail address or the password is wrong.
sign-in-banned = This account is banned. Nobody can sign in to it.
sign-in-no-account = No account yet?
sign-up-title = Open an account
sign-up-lead = It takes a minute, and costs nothing. You need one to buy and to sell.
sign-up-submit = Open an account
sign-up-taken = There is an account with this address already.
sign-up-sign-in-instead = Sign in to it instead
sign-up-has-account = Have an account already?
sign-out = Sign out
sign-out-everywhere = Sign out everywhere
email-missing = Enter your e-mail address.
name-missing = Enter a name.
name-too-long = At most { $number } characters, please.
password-missing = Enter your password.
password-hint = At least 8 characters. A few words that do not belong together are best.
password-too-short = At least { $number } characters, please.
password-too-long = At most { $number } characters, please.
password-current-missing = Enter the password that you have now.
password-current-wrong = This is not the password of this account.
password-show = Show password
password-hide = Hide password
attempt-too-many-seconds =
    { $number ->
        [one] There were too many attempts. Try again in { $number } second.
       *[other] There were too many attempts. Try again in { $number } seconds.
    }
attempt-too-many-minutes =
    { $number ->
        [one] There were too many attempts. Try again in { $number } minute.
       *[other] There were too many attempts. Try again in { $number } minutes.
    }
attempt-unavailable = A part of the shop does not answer at the moment. Try again shortly.
account-title = Your account
account-who = About you
account-since = With us since
account-rename = Save the name
account-yours = What is yours
account-orders-hint = What you have reserved and bought
account-listings-hint = What you have offered and sold
account-door-hint = Let in whoever bought from you
account-admin-hint = People, orders and what happened
account-password = Password
account-password-lead = When you change it, you are signed out on every other device.
account-password-submit = Change the password
account-sessions = Where you are signed in
account-sessions-lead = End what you do not recognise, and change your password then.
session-device = { $browser } on { $system }
session-unknown-device = An unknown device
session-current = This device
session-last-used = Last used
session-since = Signed in
session-end = End
session-end-which = End the session of { $device }
notice-left = You are signed out.
notice-left-everywhere = You are signed out on every device.
notice-name-changed = Your name was changed.
notice-password-changed = Your password was changed. You are signed out on every other device.
notice-session-ended = That device is signed out.
field-email = E-mail address
field-password = Password
field-name = Name
field-current = Current password
field-new = New password
