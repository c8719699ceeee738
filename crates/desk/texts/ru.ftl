desk-nav = Список дел
