/** The names of characters that models write in HTML; a chat knows none of them. */
const NAMES = `amp & lt < gt > quot " apos ' mdash — ndash – hellip … ldquo “ rdquo ” lsquo ‘ rsquo ’ laquo « raquo » middot · bull •
times × divide ÷ plusmn ± minus − deg ° copy © reg ® trade ™ rarr → larr ← uarr ↑ darr ↓ harr ↔ rArr ⇒ lArr ⇐ yen ¥ euro € pound £ cent ¢
sect § para ¶ le ≤ ge ≥ ne ≠ asymp ≈ equiv ≡ infin ∞ radic √ sum ∑ prod ∏ int ∫ part ∂ micro µ alpha α beta β gamma γ delta δ Delta Δ
epsilon ε theta θ lambda λ mu μ pi π sigma σ Sigma Σ phi φ omega ω Omega Ω frac12 ½ frac14 ¼ frac34 ¾ sup1 ¹ sup2 ² sup3 ³ hearts ♥
spades ♠ clubs ♣ diams ♦ check ✓ dagger † permil ‰ prime ′ iexcl ¡ iquest ¿ tilde ˜ circ ˆ forall ∀ exist ∃ isin ∈ cap ∩ cup ∪ and ∧ or ∨`;

export const NAMED: ReadonlyMap<string, string> = new Map([
  ...Array.from(NAMES.matchAll(/(\S+)\s+(\S+)/g), ([, name = '', sign = '']) => [name, sign] as const),
  ...['nbsp', 'ensp', 'emsp', 'thinsp'].map((name) => [name, ' '] as const),
  ...['zwnj', 'zwj', 'shy', 'lrm', 'rlm'].map((name) => [name, ''] as const),
]);
