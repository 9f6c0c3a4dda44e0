// What scripts say, in the reader's language: a page carries it as JSON in #words-desk and the like
// (reviewers/scriptwords.py).

const held = new Map();

export function words(of = "desk") {
  if (!held.has(of)) held.set(of, JSON.parse(document.getElementById(`words-${of}`)?.textContent ?? "{}"));
  return held.get(of);
}

// Puts values where a sentence has %(name)s, %(name)d or, with two digits, %(name)02d.
export function filled(sentence, values) {
  return sentence.replace(/%\((\w+)\)(02)?[ds]/g, (_, name, two) =>
    two ? String(values[name]).padStart(2, "0") : String(values[name]),
  );
}

// The form of a sentence that goes with a number in the language of the page.
export function counted(forms, n) {
  return forms[new Intl.PluralRules(document.documentElement.lang || "en").select(n)] ?? forms.other;
}
