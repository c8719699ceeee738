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
search-filters = Filters
search-filters-set = Filters: { $n } chosen
search-specialty = Specialty
search-metro = Metro
search-date = Day
search-hours = Time of day
search-from = Not before
search-to = Not after
search-price-max = Price up to
search-sex = Doctor
search-sex-f = Woman
search-sex-m = Man
search-child = Sees children
search-sort = Show first
search-sort-relevance = best match
search-sort-soonest = soonest
search-sort-price = lowest price
search-any = Any
search-chips = Conditions chosen
search-chip-remove = Remove:
search-chip-price = up to { $price }
search-chip-hours = { $from }–{ $to }
search-chip-from = from { $from }
search-chip-to = until { $to }
search-clear = Remove all conditions
search-nothing-next = What else you can do
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
search-home-visit = Home visits
search-home-visit-no = No home visits
search-online = Video visits
search-online-no = No video visits
search-language-kk = Kazakh
search-language-ru = Russian
search-language-en = English
search-problem-value = The parameter { $name } has no such value. Choose one of those listed in allowed.
search-problem-parameter = The parameter { $name } cannot be read. { $form }
search-problem-near = Say where distance is counted from: latitude and longitude in near (for example 59.94,30.31) or a station in metro.
search-form-date = It takes a day of the calendar written YYYY-MM-DD, for example 2027-03-08.
search-form-hour = It takes a time of day written HH:MM, from 00:00 to 24:00, for example 09:30; from must be earlier than to.
search-form-price = It takes a whole number from 0 to 1000000000 in the city’s currency (roubles, tenge, not kopecks or tiyn), for example 3000.
search-form-near = It takes latitude and longitude in degrees with a comma between them, for example 59.94,30.31.
search-form-page = It takes a whole number from 1 to { $most }.
search-form-per-page = It takes a whole number above zero; more than { $most } means { $most }.
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
search-landing-districts = By district
search-landing-metros = Near the metro
search-landing-neighbours = Other doctors in { $city }
search-total-examinations = { $n ->
    [one] { $n } examination found
   *[other] { $n } examinations found
  }
search-total-both = { $doctors ->
    [one] { $doctors } doctor
   *[other] { $doctors } doctors
  } and { $examinations ->
    [one] { $examinations } examination
   *[other] { $examinations } examinations
  } found
search-show-n = { $n ->
    [0] Nobody fits
    [one] Show { $n } result
   *[other] Show { $n } results
  }
search-skip = To the list of doctors
search-filters-close = Close filters
search-service = Service
search-kind-consultation = Doctors’ visits
search-kind-examination = Examinations
search-counted = { $name } ({ $n })
search-date-all = Other days
search-today = today
search-tomorrow = tomorrow
search-morning = Morning, before 12:00
search-afternoon = Afternoon, 12:00–17:00
search-evening = Evening, after 17:00
search-visit = The visit
search-language = Language
search-district = District
search-district-all = { $n } more districts
search-metro-all = { $n } more stations
search-chip-district = { $name } district
search-chip-metro = { $name } metro
search-chip-near = Near me
search-near = Near me
search-near-note = We learn the place to within a kilometre and do not keep it. Or choose a metro station below.
search-near-wait = Finding where you are. This takes a few seconds.
search-near-denied = Your browser does not let us ask where you are. Allow it in the browser’s settings or choose a metro station.
search-near-failed = We could not find where you are. Try again or choose a metro station.
search-order = Order
search-sort-experience = most experience
search-sort-distance = nearest
search-sort-rating = best rated
search-sort-distance-note = To see the nearest first, press “Near me” or choose a metro station. Until then the order is the usual one.
search-sort-rating-note = Nobody has ratings yet, so the order is the usual one.
search-puzzled = These parts of the address could not be read: { $names }. Everything else counts.
search-nothing-drop = Drop one condition
search-nothing-none = Several conditions stand in the way at once
search-nothing-without = Without “{ $what }”
search-nothing-call = Tell us which doctor you need and when: we will find one by phone.
search-nothing-clear = Remove all conditions: { $n ->
    [one] { $n } result
   *[other] { $n } results
  }
search-speaks = Speaks: { $languages }
search-address = { $address }, { $district } district
search-distance-near = Less than a kilometre from you
search-distance-about = About { $n } km from you
search-distance-station = { $km } km from the station
search-price-unknown = The clinic will tell the price
search-by-request = The clinic sets the time: choose the days that suit you, and they will call.
search-ask = Send a request
search-examination-page = More about this examination
search-show-doctors = { $n ->
    [0] Nobody fits
    [one] Show { $n } doctor
   *[other] Show { $n } doctors
  }
search-reset = Reset
