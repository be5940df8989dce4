// For people who are signed in: every page works without it. The page says when all of it is there.

import { enliven } from "enliven";

enliven(document.documentElement).then(() => { document.documentElement.dataset.enlivened = "yes"; });
