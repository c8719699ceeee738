desk-nav = Жұмыс тізімі
