// What the page does beyond its links and forms. Nothing here is needed to decide a case.
import { answers } from "./answers.js";
import { beats } from "./beat.js";
import { busy } from "./busy.js";
import { copying } from "./copy.js";
import { dialogs } from "./dialog.js";
import { focusing } from "./focus.js";
import { left } from "./left.js";
import { silence } from "./live.js";
import { morphing } from "./morph.js";
import { rail } from "./rail.js";
import { watch } from "./watch.js";

document.documentElement.classList.add("js");
silence(document);
morphing(document);
focusing(document);
watch(document);
answers(document);
busy(document);
copying(document);
rail(document);
dialogs(document);
left(document);
beats(document);
