package io.github.lenet.cli.output;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody meant to type. */
public final class Suggestions {

  private Suggestions() {}

  /**
   * The known word that is closest to a mistyped one.
   *
   * @param typed what was typed
   * @param known the words to choose from
   * @return empty if none is close enough to be meant
   */
  public static Optional<String> to(String typed, Collection<String> known) {
    String word = typed.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(candidate -> distance(word, candidate) <= Math.max(2, candidate.length() / 3))
        .filter(candidate -> distance(word, candidate) < candidate.length())
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /**
   * The same for the end of a message.
   *
   * @param typed what was typed
   * @param known the words to choose from
   * @return as in "; did you mean relu?", or nothing
   */
  public static String suggestion(String typed, Collection<String> known) {
    return to(typed, known).map("; did you mean %s?"::formatted).orElse("");
  }

  /** Levenshtein's distance: how many letters to insert, delete or replace. */
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
