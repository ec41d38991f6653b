/** A source of numbers in [0, 1). Seeded where a result must be repeatable. */
export type Random = () => number;
