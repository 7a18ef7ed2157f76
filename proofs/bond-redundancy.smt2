; A bond is redundant under full coverage. A cheat saves d, is caught with probability q, and then loses the fee p and the
; franchise f; honesty is a best response exactly when d <= q * (p + f). Real amounts, any size.
(set-logic QF_NRA)
(declare-const p Real)
(declare-const d Real)
(declare-const f Real)
(declare-const b Real)
(declare-const q Real)
(assert (and (> p 0) (>= d 0) (>= f 0) (>= b 0) (<= 0 q 1)))
(define-fun honest ((bond Real)) Bool (<= d (* q (+ p f bond))))

; Theorem: with q = 1 and work worth buying (d <= p), honesty needs no bond.
(push)
(assert (and (= q 1) (<= d p) (not (honest 0))))
(check-sat) ; expect: unsat
(pop)

; Theorem: a bond never hurts.
(push)
(assert (and (honest 0) (not (honest b))))
(check-sat) ; expect: unsat
(pop)

; Controls, each without one hypothesis: cheating pays somewhere, and there a bond makes the difference.
(push)
(assert (and (= q 1) (not (honest 0)) (honest b)))
(check-sat) ; expect: sat
(pop)
(push)
(assert (and (<= d p) (not (honest 0)) (honest b)))
(check-sat) ; expect: sat
(pop)
