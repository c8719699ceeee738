# The person: codes and phone numbers.
patients-sms-code = { $code } is your code for booking a visit. It works for { $minutes } minutes. Do not tell it to anyone.
patients-problem-code-wrong = { $n ->
    [one] That code does not match. { $n } try left.
   *[other] That code does not match. { $n } tries left.
  }
patients-problem-code-expired = This code no longer works. Ask for a new one.
patients-problem-code-soon = { $n ->
    [one] A code has just been sent to this number. Another can go out in { $n } second.
   *[other] A code has just been sent to this number. Another can go out in { $n } seconds.
  }
patients-problem-code-limit = Too many codes were asked for today. Try again tomorrow, or call us and we will book by phone.
patients-problem-landline = This is a landline: a code cannot be texted to it. Give a mobile number, or call us and we will book by phone.
