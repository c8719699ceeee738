# The guide: a city, its clinics, a clinic, examinations.
guide-home = Home
guide-clinics = Clinics
guide-examinations = Examinations
guide-specialties = Doctors
guide-other-cities = Other cities
guide-onward = Where to go from here
guide-city-heading = Doctors and clinics in { $city }
guide-city-lead = { $doctors ->
    [one] { $doctors } doctor
   *[other] { $doctors } doctors
  } in { $clinics ->
    [one] { $clinics } clinic
   *[other] { $clinics } clinics
  }{ $examinations ->
    [0] {""}
    [one] {""}, { $examinations } examination
   *[other] {""}, { $examinations } examinations
  }. Free times are shown at once.
guide-offers = { $n }
guide-all-clinics = { $n ->
    [one] The { $n } clinic
   *[other] All { $n } clinics
  }
guide-clinics-heading = Clinics in { $city }
guide-clinics-lead = { $n ->
    [one] { $n } clinic that you can book.
   *[other] { $n } clinics that you can book.
  }
guide-examinations-heading = Examinations in { $city }
guide-examinations-lead = { $n ->
    [one] { $n } examination: price, preparation, next free time.
   *[other] { $n } examinations: prices, preparation, next free times.
  }
guide-examinations-none = No examination can be booked in this city yet. A doctor will tell you where to go.
guide-pages = Pages of the list
guide-previous = Back
guide-next = Next
guide-page = { $n } of { $of }
guide-clinic-lead = { $city }. { $doctors ->
    [0] Examinations by appointment.
    [one] { $doctors } doctor.
   *[other] { $doctors } doctors.
  }
  { $examinations ->
    [0] {""}
    [one] { $examinations } examination.
   *[other] { $examinations } examinations.
  }
guide-clinic-prices = First visit: { $prices }.
guide-clinic-more = { $n ->
    [one] { $n } more doctor
   *[other] { $n } more doctors
  }
guide-part-of = A branch of
guide-branches = Branches
guide-about = About the clinic
guide-devices = Equipment
guide-call-clinic = The clinic’s phone
guide-license = Licence { $number }
guide-license-of = Licence { $number } of { $day }
guide-license-issuer = Issued by: { $issuer }
guide-district = District: { $district }
guide-station = { $station }, { $n } min on foot
guide-map = Show on a map
guide-open-always = Open day and night
guide-open-until = Open until { $time }
guide-closed-until = Closed now. Opens { $day }, { $time }
guide-every-day = Every day
guide-closed = closed
guide-all-day = day and night
guide-examination-heading = { $name } in { $city }
guide-examination-lead = { $n ->
    [one] Done in { $n } clinic
   *[other] Done in { $n } clinics
  }, price { $price }.
guide-also-called = Also called: { $names }
guide-preparation = How to prepare
guide-preparation-none = Nothing to prepare: come at the time you booked.
guide-preparation-print = You can print this page: only what you need goes on the paper.
guide-where = Where it is done
guide-more-places = { $n ->
    [one] There is { $n } more offer. Call us and we will choose together.
   *[other] There are { $n } more offers. Call us and we will choose together.
  }
guide-ask-doctor = explains the result
guide-same-there = the same examination
guide-minutes = { $n } min
guide-years = { $n ->
    [0] Less than a year in practice
    [one] { $n } year in practice
   *[other] { $n } years in practice
  }
guide-sees-both = for adults and children
guide-sees-children = for children only
guide-free-on = Free { $day }
guide-all-times = All times
guide-no-times = No free time in the coming weeks.
guide-more-about = More
guide-absent = It may have closed, or may no longer take bookings through us. Choose another one in your city.
guide-absent-heading = This clinic is not here
