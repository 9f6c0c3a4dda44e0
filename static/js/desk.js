// What the page does beyond its links and forms. Nothing here is needed to decide a case.
import { answers } from "./answers.js";
import { watch } from "./watch.js";
import { copying } from "./copy.js";
import { rail } from "./rail.js";
import { dialogs } from "./dialog.js";
import { left } from "./left.js";

document.documentElement.classList.add("js");
watch(document);
answers(document);
copying(document);
rail(document);
dialogs(document);
left(document);
