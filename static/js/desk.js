// What the page does beyond its links and forms. Nothing here is needed to decide a case.
import { watch } from "./watch.js";
import { copying } from "./copy.js";
import { rail } from "./rail.js";

document.documentElement.classList.add("js");
watch(document);
copying(document);
rail(document);
