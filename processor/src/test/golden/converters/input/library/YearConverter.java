package library;

import dev.millrace.annotations.Converter;
import java.time.Year;

public final class YearConverter implements Converter<Year, Integer> {
  @Override
  public Integer toColumn(Year value) {
    return value.getValue();
  }

  @Override
  public Year fromColumn(Integer stored) {
    return Year.of(stored);
  }
}
