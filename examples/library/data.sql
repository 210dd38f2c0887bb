-- Works of literature and science, some files and some notes. Run once, after schema.sql.
-- Two demo users own them, half each:
--   Ada    ada00000-0000-4000-8000-000000000001
--   Grace  9ace0000-0000-4000-8000-000000000002
-- Years of ancient and medieval works are the conventional ones, often a round guess.

insert into works (id, owner_id, title, author, year, language, created_at, updated_at)
select
  format('00000000-0000-4000-8000-%s', lpad(number::text, 12, '0'))::uuid,
  case owner
    when 'Ada' then 'ada00000-0000-4000-8000-000000000001'::uuid
    when 'Grace' then '9ace0000-0000-4000-8000-000000000002'::uuid
  end,
  title, author, year, language, added, added
from (
  values
    (1, 'Ada', 'Ἰλιάς', 'Homer', null::int, 'grc'),
    (2, 'Grace', 'ša naqba īmuru', 'Sîn-lēqi-unninni', null, 'akk'),
    (3, 'Ada', 'Ὀρέστεια', 'Aeschylus', -458, 'grc'),
    (4, 'Grace', 'Μήδεια', 'Euripides', -431, 'grc'),
    (5, 'Ada', 'Στοιχεῖα', 'Euclid', -300, 'grc'),
    (6, 'Grace', '論語', null, null, 'zh-Hant'),
    (7, 'Ada', '道德經', 'Laozi', null, 'zh-Hant'),
    (8, 'Grace', '九章算術', null, null, 'zh-Hant'),
    (9, 'Ada', 'שיר השירים', null, null, 'he'),
    (10, 'Grace', 'Aeneis', 'Vergil', -19, 'la'),
    (11, 'Ada', 'Naturalis historia', 'Pliny the Elder', 77, 'la'),
    (12, 'Grace', 'अभिज्ञानशाकुन्तलम्', 'Kālidāsa', null, 'sa'),
    (13, 'Ada', 'திருக்குறள்', 'Tiruvalluvar', null, 'ta'),
    (14, 'Grace', 'الكتاب المختصر في حساب الجبر والمقابلة', 'al-Khwārizmī', 820, 'ar'),
    (15, 'Ada', '源氏物語', 'Murasaki Shikibu', 1008, 'ja'),
    (16, 'Grace', 'شاهنامه', 'Ferdowsi', 1010, 'fa'),
    (17, 'Ada', 'كتاب المناظر', 'Ibn al-Haytham', 1021, 'ar'),
    (18, 'Grace', 'Commedia', 'Dante Alighieri', 1321, 'it'),
    (19, 'Ada', 'De revolutionibus orbium coelestium', 'Nicolaus Copernicus', 1543, 'la'),
    (20, 'Grace', 'De humani corporis fabrica', 'Andreas Vesalius', 1543, 'la'),
    (21, 'Ada', 'Hamlet', 'William Shakespeare', 1603, 'en'),
    (22, 'Grace', 'El ingenioso hidalgo don Quijote de la Mancha', 'Miguel de Cervantes', 1605, 'es'),
    (23, 'Ada', 'Il Saggiatore', 'Galileo Galilei', 1623, 'it'),
    (24, 'Grace', 'Discours de la méthode', 'René Descartes', 1637, 'fr'),
    (25, 'Ada', 'Micrographia', 'Robert Hooke', 1665, 'en'),
    (26, 'Grace', 'Philosophiæ naturalis principia mathematica', 'Isaac Newton', 1687, 'la'),
    (27, 'Ada', '奥の細道', 'Matsuo Bashō', 1702, 'ja'),
    (28, 'Grace', '紅樓夢', 'Cao Xueqin', 1791, 'zh-Hant'),
    (29, 'Ada', 'Disquisitiones arithmeticae', 'Carl Friedrich Gauss', 1801, 'la'),
    (30, 'Grace', 'Pride and Prejudice', 'Jane Austen', 1813, 'en'),
    (31, 'Ada', 'Frankenstein; or, The Modern Prometheus', 'Mary Shelley', 1818, 'en'),
    (32, 'Grace', 'Евгений Онегин', 'Alexander Pushkin', 1833, 'ru'),
    (33, 'Ada', 'Sketch of the Analytical Engine Invented by Charles Babbage', 'L. F. Menabrea, notes by Ada Lovelace', 1843, 'en'),
    (34, 'Grace', 'Moby-Dick; or, The Whale', 'Herman Melville', 1851, 'en'),
    (35, 'Ada', 'An Investigation of the Laws of Thought', 'George Boole', 1854, 'en'),
    (36, 'Grace', 'On the Origin of Species', 'Charles Darwin', 1859, 'en'),
    (37, 'Ada', 'Versuche über Pflanzen-Hybriden', 'Gregor Mendel', 1866, 'de'),
    (38, 'Grace', 'Анна Каренина', 'Leo Tolstoy', 1878, 'ru'),
    (39, 'Ada', 'Memórias Póstumas de Brás Cubas', 'Machado de Assis', 1881, 'pt'),
    (40, 'Grace', 'Recherches sur les substances radioactives', 'Marie Curie', 1903, 'fr'),
    (41, 'Ada', 'Zur Elektrodynamik bewegter Körper', 'Albert Einstein', 1905, 'de'),
    (42, 'Grace', 'গীতাঞ্জলি', 'Rabindranath Tagore', 1910, 'bn'),
    (43, 'Ada', 'Du côté de chez Swann', 'Marcel Proust', 1913, 'fr'),
    (44, 'Grace', 'Die Verwandlung', 'Franz Kafka', 1915, 'de'),
    (45, 'Ada', 'Invariante Variationsprobleme', 'Emmy Noether', 1918, 'de'),
    (46, 'Grace', 'On Computable Numbers, with an Application to the Entscheidungsproblem', 'Alan Turing', 1936, 'en')
) as work (number, owner, title, author, year, language),
lateral (values (timestamptz '2026-01-01 09:00:00+00' + number * interval '1 day')) as entry (added);

-- Each of these files holds exactly the text given here, so that its size and its sum are true.
insert into assets (id, owner_id, work_id, file_name, media_type, byte_size, sha256, created_at, updated_at)
select
  format('00000000-0000-4000-8001-%s', lpad(number::text, 12, '0'))::uuid,
  works.owner_id, works.id, file_name, media_type,
  octet_length(convert_to(content, 'UTF8')), encode(sha256(convert_to(content, 'UTF8')), 'hex'),
  works.created_at, works.created_at
from (
  values
    (1, 1, 'opening.txt', 'text/plain', 'μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος'),
    (2, 5, 'proposition-1.svg', 'image/svg+xml',
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 5 4" fill="none" stroke="black" stroke-width=".02"><circle r="1"/><circle cx="1" r="1"/><path d="M0 0H1L.5 -.866Z"/></svg>'),
    (3, 10, 'opening.txt', 'text/plain', 'Arma virumque cano, Troiae qui primus ab oris'),
    (4, 15, 'opening.txt', 'text/plain', 'いづれの御時にか、女御、更衣あまたさぶらひたまひける中に'),
    (5, 18, 'opening.txt', 'text/plain', 'Nel mezzo del cammin di nostra vita'),
    (6, 27, 'opening.txt', 'text/plain', '月日は百代の過客にして、行かふ年も又旅人也。'),
    (7, 32, 'opening.txt', 'text/plain', 'Мой дядя самых честных правил'),
    (8, 34, 'opening.txt', 'text/plain', 'Call me Ishmael.'),
    (9, 37, 'form-of-seed.csv', 'text/csv', E'form,seeds\nround,5474\nwrinkled,1850\n'),
    (10, 37, 'colour-of-albumen.csv', 'text/csv', E'colour,seeds\nyellow,6022\ngreen,2001\n'),
    (11, 33, 'numbers-of-bernoulli.csv', 'text/csv', E'number,value\nB1,1/6\nB3,-1/30\nB5,1/42\nB7,-1/30\n'),
    (12, 43, 'opening.txt', 'text/plain', 'Longtemps, je me suis couché de bonne heure.')
) as asset (number, work, file_name, media_type, content)
join works on works.id = format('00000000-0000-4000-8000-%s', lpad(work::text, 12, '0'))::uuid;

insert into annotations (id, owner_id, work_id, locator, quote, note, created_at, updated_at)
select
  format('00000000-0000-4000-8002-%s', lpad(number::text, 12, '0'))::uuid,
  works.owner_id, works.id, locator, quote, note, works.created_at, works.created_at
from (
  values
    (1, 6, '1.1', '學而時習之，不亦說乎？', 'To learn, and to practise in good time what was learned: is it not a joy?'),
    (2, 7, 'chapter 1', '道可道，非常道。名可名，非常名。', null),
    (3, 18, 'Inferno, canto 1', 'Nel mezzo del cammin di nostra vita', 'He is thirty-five: half of the seventy years that Psalm 90 allots.'),
    (4, 21, 'act 3, scene 1', 'To be, or not to be, that is the question', 'The quarto of 1603 has: To be, or not to be, I there''s the point.'),
    (5, 22, 'part 1, chapter 1', 'En un lugar de la Mancha, de cuyo nombre no quiero acordarme', null),
    (6, 24, 'part 4', 'je pense, donc je suis', 'The Latin form came later, in the Principia philosophiae of 1644: ego cogito, ergo sum.'),
    (7, 26, 'General Scholium', 'Hypotheses non fingo', 'Added in the second edition, 1713.'),
    (8, 30, 'chapter 1', 'It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.', null),
    (9, 33, 'note A', 'the Analytical Engine weaves algebraical patterns just as the Jacquard-loom weaves flowers and leaves', 'Note G holds the table for the numbers of Bernoulli.'),
    (10, 36, 'chapter 14', 'from so simple a beginning endless forms most beautiful and most wonderful have been, and are being, evolved', 'The last words of the first edition.'),
    (11, 38, 'part 1, chapter 1', 'Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.', null),
    (12, 41, null, null, 'Not one reference; the last sentence thanks Michele Besso.'),
    (13, 44, 'chapter 1', 'Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, fand er sich in seinem Bett zu einem ungeheueren Ungeziefer verwandelt.', null)
) as annotation (number, work, locator, quote, note)
join works on works.id = format('00000000-0000-4000-8000-%s', lpad(work::text, 12, '0'))::uuid;
