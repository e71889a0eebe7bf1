/** What a bench measured: the keys that its line of JSON has. */
export type Figures = Readonly<Record<string, number>>;

/** One bench. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  /** Measures; `say` takes lines for people while it goes on. */
  run(say: (line: string) => void): Promise<Figures>;
}
