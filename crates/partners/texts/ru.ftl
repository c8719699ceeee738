partners-fhir-not-found = Здесь ничего нет. Проверьте тип ресурса и id; что есть, перечисляет /fhir/metadata.
partners-fhir-unknown = Параметр { $name } не поддерживается. Уберите его или пришлите Prefer: handling=lenient.
partners-fhir-not-kept = Время изменения ресурсов не хранится, поэтому { $name } не поддерживается. Уберите параметр.
partners-fhir-wrong = Значение параметра { $name } не читается. Исправьте его; форму описывает FHIR R4.
partners-fhir-busy = Сейчас выгружают другие. Повторите через несколько секунд.
partners-fhir-scope = У этого ключа нет права на поиск. Попросите оператора выдать ключ с правом search.
