# Searching for a doctor: home page and results.
search-home-title = Book a doctor
search-home-heading = Choose a doctor and a time that suits you
search-home-lead = Find a doctor nearby, pick a free time, confirm your phone. No account needed.
search-field = Doctor, specialty or complaint
search-field-hint = For example, cardiologist
search-city = City
search-go = Find a doctor
search-show = Show
search-or-call = or call, and we choose together
search-popular = { $city }: most often booked
search-how = How it works
search-how-1 = You choose a doctor and a time: everything shown is free.
search-how-2 = You leave your name and phone and type the code we text you.
search-how-3 = You go to the clinic. The link in the message lets you move or cancel the visit.
search-home-counts = { $doctors ->
    [one] { $doctors } doctor
   *[other] { $doctors } doctors
  } at { $clinics ->
    [one] { $clinics } clinic
   *[other] { $clinics } clinics
  }.
search-heading = { $specialty }: { $city }
search-heading-city = Doctors: { $city }
search-heading-words = “{ $words }”
search-total = { $n ->
    [one] { $n } doctor found
   *[other] { $n } doctors found
  }
search-total-none = Nobody meets all the conditions at once
search-filters = Narrow down
search-filters-set = Narrow down: { $n } set
search-specialty = Specialty
search-metro = Metro
search-date = Day
search-hours = Hours
search-from = Not before
search-to = Not after
search-price-max = Price up to, { $sign }
search-sex = Seen by
search-sex-f = A woman
search-sex-m = A man
search-child = Sees children
search-sort = First
search-sort-relevance = best match
search-sort-soonest = soonest
search-sort-price = lowest price
search-any = Any
search-chips = Conditions chosen
search-chip-remove = Remove condition
search-chip-price = up to { $price }
search-chip-hours = { $from }–{ $to }
search-chip-from = from { $from }
search-chip-to = until { $to }
search-clear = Remove all conditions
search-nothing-next = What you can do
search-nothing-days = Free on other days
search-anew = Start a new search
search-years = { $n ->
    [0] Less than a year in practice
    [one] { $n } year in practice
   *[other] { $n } years in practice
  }
search-sees-children = sees children only
search-sees-both = sees adults and children
search-rating = Rated { $rating }, { $n ->
    [one] { $n } review
   *[other] { $n } reviews
  }
search-metro-near = { $metro }, { $n } min on foot
search-first-visit = First visit
search-free-on = Free { $day }
search-more-times = { $n } more
search-other-days = Other days
search-doctor-page = More about this doctor
search-no-times = No free times in the coming weeks.
search-pages = Pages of results
search-previous = Back
search-next = Next
search-page = { $n } of { $of }
search-child-no = Does not see children
search-home-visit = Visits at home
search-home-visit-no = No visits at home
search-online = Visits by video
search-online-no = No visits by video
search-language-kk = Kazakh
search-language-ru = Russian
search-language-en = English
search-problem-parameter = The parameter { $name } cannot be read. Check its value and send it again.
search-problem-near = Say where distance is counted from: latitude and longitude in near (for example 59.94,30.31) or a station in metro.
search-problem-scope = This key is not allowed to search.
search-home = Home
search-popular-examinations = Examinations in { $city }
search-places = Cities
search-all-of-city = { $city }: all doctors, clinics and examinations
search-landing-intro = { $field }: { $clinics ->
    [one] { $clinics } clinic
   *[other] { $clinics } clinics
  }, first visit { $prices }.
search-landing-sentence = Prices, addresses and free times; no account needed.
search-landing-prices = What it costs
search-landing-metros = Near the metro
search-landing-neighbours = Other doctors in { $city }
