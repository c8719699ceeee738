partners-fhir-not-found = There is nothing here. Check the type of the resource and its id; /fhir/metadata lists what there is.
partners-fhir-unknown = The parameter { $name } is not supported. Leave it out, or send Prefer: handling=lenient.
partners-fhir-not-kept = When a resource was changed is not kept, so { $name } is not supported. Leave it out.
partners-fhir-wrong = The value of { $name } cannot be read. Correct it; FHIR R4 describes its form.
partners-fhir-busy = Others are downloading at the moment. Try again in a few seconds.
partners-fhir-scope = This key may not search. Ask the operator for a key with the scope search.
