# Shared: the page's frame, errors, the demo's outgoing messages.
web-skip = Skip to content
web-home = home page
web-call = Call
web-languages = Language
web-footer-languages = Language of this page
web-footer-call = Book by phone
web-footer-about = Recomed
web-footer-policy = How we handle your data
web-footer-note = Recomed helps you choose a doctor and a time. The clinic treats you: ask the doctor what may speak against a treatment.
web-demo = This is a demo: the doctors and clinics are invented.
web-demo-outbox = Text messages sent
web-price = Price
web-days = Days
web-morning = Morning
web-day = Afternoon
web-evening = Evening
web-free = { $n } free
web-free-none = none
web-free-long = { $n ->
    [one] { $n } free time
   *[other] { $n } free times
  }
web-free-none-long = no free times
web-wait = One moment…
web-error-home = Home page
web-error-status = Status { $status }
web-error-clause = This follows from clause { $clause } of the policy
web-error-not-found = The address may be mistyped, or the link is out of date. Start by searching for a doctor, or call us.
web-error-not-found-heading = There is no such page
web-error-forbidden = The link in your text message opens your own visit only. Open it from the message again, or call us.
web-error-forbidden-heading = This link does not open that page
web-error-bad-request = We could not read the request. Go back and try again.
web-error-bad-request-heading = Something is wrong with the request
web-error-too-large = That is more than we can accept. Shorten it and send it again.
web-error-too-many = Too many requests came from your network in a row. Wait a minute and try again.
web-error-too-many-heading = Please wait a little
web-error-conflict-heading = That cannot be done
web-error-internal = The fault is ours, not yours. Nothing was booked twice. Try again in a minute, or call and we will book by phone.
web-error-internal-heading = We could not do it
web-error-unavailable = We cannot answer everyone at this moment. Try again in a few seconds, or call.
web-outbox-title = Text messages sent
web-outbox-lead = In the demo no message leaves. This is what the patient and the clinic would have received.
web-outbox-empty = Nothing has been sent yet. Book a doctor and the code will appear here.
web-outbox-open = Open the link in the message
web-error-key = We do not know this key. Check that it was copied whole, or ask the operator for a new one.
web-error-key-heading = The key is not known
web-error-not-json = The body must be JSON, sent as application/json.
