import numpy as np

from steelyard.data.queries import MAX_ANSWERS, Noise, make_queries

QUIET = Noise(drop=0, shorten=0, misspell=0, shuffle=0)
FIELDS = [
    ("Orange Juice Pulp 12 oz", "Sunny", "Drinks > Juice"),
    ("Orange Juices Pulp 64 oz", "Dole", "Drinks > Juice"),
    ("Green Tea", "Dole", "Drinks > Tea"),
]


def test_answers_are_all_texts_that_hold_the_words_plural_aside():
    made = make_queries(FIELDS, n_interactions=np.zeros(3), n=40, seed=1, noise=QUIET)

    of_both = [query for query in made if set(query.query.split()) <= {"orange", "juice", "juices", "pulp", "drinks"}]
    assert of_both
    assert all(query.answers.tolist() == [0, 1] for query in of_both)
    assert all(query.text in query.answers for query in made)


def test_a_text_nobody_took_is_not_asked_for_where_others_were():
    made = make_queries(FIELDS, n_interactions=np.array([0, 0, 4.0]), n=40, seed=1, noise=QUIET)

    assert {query.text for query in made} == {2}


def test_words_that_mean_too_many_texts_are_no_query():
    same = [("Orange Juice", "Dole", "")] * (MAX_ANSWERS + 1)

    assert make_queries(same, n_interactions=np.zeros(len(same)), n=5, seed=1) == []


def test_noise_disturbs_the_query_and_not_its_answers():
    loud = Noise(drop=0, shorten=0, misspell=1, shuffle=0)

    made = make_queries(FIELDS, n_interactions=np.zeros(3), n=30, seed=3, noise=loud)

    disturbed = [query for query in made if query.query != query.meant]
    assert disturbed
    quiet = {
        q.meant: q.answers.tolist() for q in make_queries(FIELDS, n_interactions=np.zeros(3), n=99, seed=1, noise=QUIET)
    }
    for query in disturbed:
        assert quiet.get(query.meant, query.answers.tolist()) == query.answers.tolist()


def test_words_with_digits_are_never_misspelt_or_cut():
    fields = [(f"AB{i}CDEFG X{i}", "", "") for i in range(50)]
    loud = Noise(drop=0, shorten=0.5, misspell=0.5, shuffle=0)

    made = make_queries(fields, n_interactions=np.zeros(50), n=50, seed=1, noise=loud)

    assert all(query.query == query.meant for query in made)


def test_chinese_queries_are_pieces_of_the_title():
    fields = [("夏季新款红色连衣裙收腰显瘦", "", ""), ("不锈钢真空保温杯大容量", "", ""), ("儿童卡通保温杯", "", "")]

    made = make_queries(fields, n_interactions=np.zeros(3), n=10, seed=1, noise=QUIET)

    assert made
    for query in made:
        assert all(piece in fields[query.text][0] for piece in query.query.split())
        holding = [i for i, field in enumerate(fields) if all(piece in field[0] for piece in query.meant.split())]
        assert query.answers.tolist() == holding


def test_the_same_seed_makes_the_same_queries():
    first = make_queries(FIELDS, n_interactions=np.zeros(3), n=10, seed=5)
    again = make_queries(FIELDS, n_interactions=np.zeros(3), n=10, seed=5)

    assert [query.query for query in first] == [query.query for query in again]
