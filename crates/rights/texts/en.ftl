# The policy and the consents.
rights-policy-plain = In short, in plain words
rights-policy-plain-1 = We keep only what a booking needs: your name, phone and the time of the visit. E-mail, sex and age only if you gave them.
rights-policy-plain-2 = The clinic learns just enough of the booking to receive you.
rights-policy-plain-3 = We do not ask about your health and keep nothing about it.
rights-policy-plain-4 = Advertising only with a consent of its own.
rights-policy-plain-5 = You may learn what we keep about you, correct it or have it deleted.
rights-policy-plain-note = The exact text is what binds; this is a summary of it.
rights-policy-contents = Sections
