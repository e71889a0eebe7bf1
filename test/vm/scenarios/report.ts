/** Tells the host of something while a scenario is under way. */
export function report(word: string): void {
  console.log(JSON.stringify({ report: word }));
}
