// What a picture of the page is compared by: a copy in which nothing changes from run to run, and the mean of each block.

const rules = `
  .postern svg { background: var(--border-color-medium) }
  .postern svg > *, .postern-days > * { visibility: hidden }
  .postern-story li, .postern-why li { overflow: hidden; white-space: nowrap }
  .postern *, .postern *::before { transition: none !important }`;
/** Of logs, which are as long as the run made them. */
const lines = 3;
let original;

/** Shows a copy instead of the page: numbers and times are 0, graphs a plain area, logs three lines. */
export function mask() {
  original = document.querySelector('.postern');
  const copy = original.cloneNode(true);
  const style = document.createElement('style');
  style.textContent = rules;
  copy.append(style);
  for (const log of copy.querySelectorAll('.postern-story, .postern-why')) {
    const line = document.createElement('li');
    line.textContent = 'what was seen, and what was done';
    log.replaceChildren(...Array.from({ length: lines }, () => line.cloneNode(true)));
  }
  // What the kernel of this machine lacks is no matter of the page.
  const ofMachine = '.postern-health > li:not([data-key=running_as_root])';
  // Who else is at home is found in time.
  const others = '[data-key=others]:not([open])';
  for (const one of copy.querySelectorAll(`${ofMachine}, ${others}`)) one.remove();
  for (const term of copy.querySelectorAll('dt')) {
    if (!term.textContent.startsWith('Open to the internet')) continue; // known sooner or later
    term.nextElementSibling.remove();
    term.remove();
  }
  for (const meter of copy.querySelectorAll('meter')) meter.value = meter.max;
  const texts = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentNode === style) continue;
    // After midnight a time has its day before it.
    text.data = text.data.replace(/(?:[A-Z][a-z]{2}, [A-Z][a-z]{2} \d+, )?\d[\d.:]*(?:\s[AP]M)?/g, '0');
  }
  original.replaceWith(copy);
}

/** Shows the page again. */
export function unmask() {
  document.querySelector('.postern').replaceWith(original);
}

/** The mean brightness, blueness and redness (YCbCr, 0 to 255) of each square of `side` pixels: three lists, row by row. */
export async function blocks(png, side) {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const columns = Math.ceil(width / side);
  const sums = Array.from({ length: columns * Math.ceil(height / side) }, () => [0, 0, 0, 0]);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const sum = sums[Math.floor(y / side) * columns + Math.floor(x / side)];
      sum[0] += data[at];
      sum[1] += data[at + 1];
      sum[2] += data[at + 2];
      sum[3]++;
    }
  }
  const means = sums.map(([red, green, blue, count]) => [red / count, green / count, blue / count]);
  return {
    columns,
    luma: means.map(([red, green, blue]) => 0.299 * red + 0.587 * green + 0.114 * blue),
    blue: means.map(([red, green, blue]) => 128 - 0.169 * red - 0.331 * green + 0.5 * blue),
    red: means.map(([red, green, blue]) => 128 + 0.5 * red - 0.419 * green - 0.081 * blue),
  };
}
