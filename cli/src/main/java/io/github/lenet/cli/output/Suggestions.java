package io.github.lenet.cli.output;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests the closest known word by Levenshtein distance. */
public final class Suggestions {

  private Suggestions() {}

  /**
   * Finds the known word that is closest to a mistyped word.
   *
   * @param typed the mistyped word
   * @param known the words to choose from
   * @return the closest word; empty if no word is close enough
   */
  public static Optional<String> to(String typed, Collection<String> known) {
    String word = typed.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(candidate -> distance(word, candidate) <= Math.max(2, candidate.length() / 3))
        .filter(candidate -> distance(word, candidate) < candidate.length())
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /**
   * Formats the suggestion as the end of a message.
   *
   * @param typed the mistyped word
   * @param known the words to choose from
   * @return text such as "; did you mean relu?", or an empty string
   */
  public static String suggestion(String typed, Collection<String> known) {
    return to(typed, known).map("; did you mean %s?"::formatted).orElse("");
  }

  /** {@return the Levenshtein distance: the fewest insertions, deletions and replacements} */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
