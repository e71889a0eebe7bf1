/** What a bench measured: the keys that its line of JSON has. */
export type Figures = Readonly<Record<string, number>>;

/** What was asked for on the command line beside the bench's name: `--data DIR` as `data`. */
export type BenchOptions = Readonly<Record<string, string | undefined>>;

/** One bench. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  /** It needs no lab: it runs where the lab cannot. */
  readonly withoutLab?: true;
  /** Measures; `say` takes lines for people while it goes on. */
  run(say: (line: string) => void, options: BenchOptions): Promise<Figures>;
}
