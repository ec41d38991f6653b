/** For who asks without the token, perhaps by an address of an earlier `ui`. It tells nobody else anything. */
export const NOTHING_HERE =
  "Nothing is served here. llm-batch ui prints the address to open, a new one each time it starts.\n";

/** In the place of the page of a run that was deleted. */
export const GONE_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>No such run · llm-batch</title>
<main>
<h1>No such run</h1>
<p>This run is not in the database, or not any more.</p>
<p><a href="../">Open the newest run</a></p>
</main>
</html>
`;
