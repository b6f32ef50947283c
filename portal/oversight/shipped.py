"""The indices that this portal ships, as data. Pure."""
from portal.kit.text import N_
from portal.oversight.indices import Index, Node

#: The United Nations' method: the mean of three parts, each of them relative to all other states.
EGDI = Index("egdi", N_("E-Government Development Index"), "un", Node("egdi", N_("Whole index"), parts=(
    Node("osi", N_("Online services")), Node("tii", N_("Telecommunication infrastructure")),
    Node("hci", N_("Human capital")))))
#: Since 2016 the plain mean of three components (report of March 2017); before, principal components.
ICT_READINESS = Index("ict_readiness", N_("ICT readiness index"), "2016", Node("whole", N_("Whole index"), parts=(
    Node("technical", N_("Technical infrastructure")), Node("human", N_("People with the skills")),
    Node("application", N_("Use of ICT")))))
