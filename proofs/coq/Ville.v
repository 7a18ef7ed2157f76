(* The ejection test never ejects an honest provider with more than probability beta, over its whole life.

   What is modelled: the statistic of src/Ogong.Core/Ejection/EjectionProcess.cs, over real numbers, audit by audit, for any
   adaptive world: the failure probability of the next audit and the moments at which epochs begin may depend on everything seen.
   What is not: binary64 rounding (the code has a margin of 1e-9 for it), and that the code looks at the statistic at the ends
   of epochs only, which gives it fewer chances to eject than are counted here. *)

From Coq Require Import Reals Lra Lia List.
Import ListNotations.
Local Open Scope R_scope.

(* Ville's inequality for a process on a binary tree: a node is the history of failures (true) and passes (false), last one first. *)
Section Ville.
  Variable E : list bool -> R.            (* the statistic *)
  Variable p : list bool -> R.            (* probability that the next audit fails *)
  Variable c : R.                         (* the threshold, 1/beta *)
  Hypothesis E_nonnegative : forall h, 0 <= E h.
  Hypothesis p_probability : forall h, 0 <= p h <= 1.
  Hypothesis supermartingale : forall h, p h * E (true :: h) + (1 - p h) * E (false :: h) <= E h.

  (* Probability that the statistic is at the threshold now or within n audits. *)
  Fixpoint hit (n : nat) (h : list bool) : R :=
    if Rle_dec c (E h) then 1
    else match n with
         | O => 0
         | S m => p h * hit m (true :: h) + (1 - p h) * hit m (false :: h)
         end.

  Theorem ville : forall n h, c * hit n h <= E h.
  Proof.
    induction n as [|n IH]; intro h; simpl; destruct (Rle_dec c (E h)) as [above|below].
    - lra.
    - pose proof (E_nonnegative h). lra.
    - lra.
    - pose proof (IH (true :: h)) as fails. pose proof (IH (false :: h)) as passes.
      pose proof (p_probability h) as [low high]. pose proof (supermartingale h) as step.
      assert (p h * (c * hit n (true :: h)) <= p h * E (true :: h)) by (apply Rmult_le_compat_l; lra).
      assert ((1 - p h) * (c * hit n (false :: h)) <= (1 - p h) * E (false :: h)) by (apply Rmult_le_compat_l; lra).
      lra.
  Qed.
End Ville.

(* The statistic of the code. *)
Section Ejection.
  Variable epsilon : R.                   (* most failure probability of an honest audit *)
  Hypothesis epsilon_range : 0 < epsilon < 1.
  Variable rates : list R.                (* the rates betted on *)
  Hypothesis rates_range : forall q, In q rates -> epsilon <= q <= 1.
  Hypothesis rates_some : rates <> [].
  Variable opens : list bool -> bool.     (* whether an epoch begins before the next audit *)

  Definition factor (q : R) (failed : bool) : R :=
    if failed then q / epsilon else (1 - q) / (1 - epsilon).

  (* Stakes in the order of the rates, and epochs begun. *)
  Definition state : Type := (list R * nat)%type.
  Definition start : state := (map (fun _ => 0) rates, O).

  Definition groups : R := INR (length rates).
  Definition portion (t : nat) : R := 1 / ((INR t + 1) * (INR t + 2)) / groups.   (* 1/(t'(t'+1))/G before epoch t' = t + 1 *)

  Definition stake (s : state) : state := (map (fun i => i + portion (snd s)) (fst s), S (snd s)).

  Fixpoint play (qs stakes : list R) (failed : bool) : list R :=
    match qs, stakes with
    | q :: qs', i :: is' => i * factor q failed :: play qs' is' failed
    | _, _ => []
    end.

  Definition prepare (h : list bool) (s : state) : state := if opens h then stake s else s.
  Definition audit (s : state) (failed : bool) : state := (play rates (fst s) failed, snd s).

  Fixpoint run (h : list bool) : state :=
    match h with
    | [] => start
    | failed :: before => audit (prepare before (run before)) failed
    end.

  Definition sum (l : list R) : R := fold_right Rplus 0 l.
  Definition value (s : state) : R := sum (fst s) + 1 / (INR (snd s) + 1).
  Definition evidence (h : list bool) : R := value (run h).

  Definition good (s : state) : Prop := length (fst s) = length rates /\ forall i, In i (fst s) -> 0 <= i.

  Lemma groups_positive : 0 < groups.
  Proof. unfold groups. destruct rates; [contradiction|]. apply lt_0_INR. simpl. lia. Qed.

  Lemma portion_positive : forall t, 0 <= portion t.
  Proof.
    intro t. unfold portion. pose proof groups_positive. pose proof (pos_INR t).
    apply Rlt_le. apply Rdiv_lt_0_compat; [|assumption]. apply Rdiv_lt_0_compat; nra.
  Qed.

  Lemma factor_nonnegative : forall q failed, In q rates -> 0 <= factor q failed.
  Proof.
    intros q failed Hq. pose proof (rates_range q Hq). unfold factor.
    destruct failed; apply Rmult_le_pos; try lra; apply Rlt_le, Rinv_0_lt_compat; lra.
  Qed.

  (* The supermartingale step: an honest audit multiplies a stake by at most 1 on average. *)
  Lemma factor_fair : forall q p, In q rates -> 0 <= p <= epsilon ->
    p * factor q true + (1 - p) * factor q false <= 1.
  Proof.
    intros q p Hq Hp. pose proof (rates_range q Hq). unfold factor.
    assert (1 - (p * (q / epsilon) + (1 - p) * ((1 - q) / (1 - epsilon))) = (epsilon - p) * (q - epsilon) / (epsilon * (1 - epsilon))) as E by (field; lra).
    assert (0 <= (epsilon - p) * (q - epsilon) / (epsilon * (1 - epsilon))).
    { apply Rmult_le_pos; [apply Rmult_le_pos; lra|]. apply Rlt_le, Rinv_0_lt_compat. nra. }
    lra.
  Qed.

  (* The control: with more than epsilon the bet gains, so the step is not true for want of content. *)
  Lemma factor_gains : forall q p, epsilon < q <= 1 -> epsilon < p <= 1 ->
    1 < p * factor q true + (1 - p) * factor q false.
  Proof.
    intros q p Hq Hp. unfold factor.
    assert (p * (q / epsilon) + (1 - p) * ((1 - q) / (1 - epsilon)) - 1 = (p - epsilon) * (q - epsilon) / (epsilon * (1 - epsilon))) as E by (field; lra).
    assert (0 < (p - epsilon) * (q - epsilon) / (epsilon * (1 - epsilon))).
    { apply Rdiv_lt_0_compat; nra. }
    lra.
  Qed.

  Lemma sum_shift : forall l a, sum (map (fun i => i + a) l) = sum l + INR (length l) * a.
  Proof.
    induction l as [|i l IH]; intro a; [simpl; lra|].
    change (i + a + sum (map (fun i0 => i0 + a) l) = i + sum l + INR (S (length l)) * a).
    rewrite IH, S_INR. lra.
  Qed.

  (* Staking moves capital and makes none: 1/(t + 1) = 1/((t + 1)(t + 2)) + 1/(t + 2). *)
  Lemma stake_conserves : forall s, length (fst s) = length rates -> value (stake s) = value s.
  Proof.
    intros [stakes t] Hl. simpl in Hl. unfold value, stake. cbn [fst snd].
    rewrite sum_shift, Hl, S_INR. unfold portion. fold groups.
    pose proof groups_positive. pose proof (pos_INR t). field. lra.
  Qed.

  Lemma stake_good : forall s, good s -> good (stake s).
  Proof.
    intros [stakes t] [Hl Hi]. split; cbn in *.
    - now rewrite map_length.
    - intros i Hin. apply in_map_iff in Hin. destruct Hin as [x [<- Hx]].
      pose proof (Hi x Hx). pose proof (portion_positive t). lra.
  Qed.

  Lemma play_length : forall qs l failed, length l = length qs -> length (play qs l failed) = length qs.
  Proof. induction qs as [|q qs IH]; intros [|i l] failed H; simpl in *; try lia. now rewrite IH by lia. Qed.

  Lemma play_nonnegative : forall qs l failed, (forall q, In q qs -> In q rates) -> (forall i, In i l -> 0 <= i) ->
    forall x, In x (play qs l failed) -> 0 <= x.
  Proof.
    induction qs as [|q qs IH]; intros [|i l] failed Hq Hi x Hx; simpl in *; try contradiction.
    destruct Hx as [<-|Hx].
    - apply Rmult_le_pos; [apply Hi; now left|apply factor_nonnegative, Hq; now left].
    - apply (IH l failed); auto.
  Qed.

  Lemma play_fair : forall qs l p, (forall q, In q qs -> In q rates) -> (forall i, In i l -> 0 <= i) -> 0 <= p <= epsilon -> length l = length qs ->
    p * sum (play qs l true) + (1 - p) * sum (play qs l false) <= sum l.
  Proof.
    induction qs as [|q qs IH]; intros [|i l] p Hq Hi Hp Hl; simpl in Hl; try lia; [simpl; lra|].
    change (p * (i * factor q true + sum (play qs l true)) + (1 - p) * (i * factor q false + sum (play qs l false)) <= i + sum l).
    assert (p * sum (play qs l true) + (1 - p) * sum (play qs l false) <= sum l) by (apply IH; auto; intros; [apply Hq|apply Hi]; now right).
    pose proof (factor_fair q p (Hq q (or_introl eq_refl)) Hp) as fair.
    pose proof (Hi i (or_introl eq_refl)) as nonnegative.
    assert (i * (p * factor q true + (1 - p) * factor q false) <= i * 1) by (apply Rmult_le_compat_l; assumption).
    lra.
  Qed.

  Lemma audit_good : forall s failed, good s -> good (audit s failed).
  Proof.
    intros [stakes t] failed [Hl Hi]. split; cbn in *.
    - now apply play_length.
    - intros i. apply play_nonnegative; auto.
  Qed.

  Lemma prepare_good : forall h s, good s -> good (prepare h s).
  Proof. intros h s H. unfold prepare. destruct (opens h); [now apply stake_good|assumption]. Qed.

  Lemma run_good : forall h, good (run h).
  Proof.
    induction h as [|failed h IH].
    - split; cbn; [now rewrite map_length|]. intros i Hi. apply in_map_iff in Hi. destruct Hi as [x [<- _]]. lra.
    - simpl. now apply audit_good, prepare_good.
  Qed.

  Lemma prepare_conserves : forall h s, good s -> value (prepare h s) = value s.
  Proof. intros h s [Hl _]. unfold prepare. destruct (opens h); [now apply stake_conserves|reflexivity]. Qed.

  Lemma evidence_starts_at_one : evidence [] = 1.
  Proof.
    unfold evidence, value, run, start. cbn [fst snd].
    assert (forall l : list R, sum (map (fun _ => 0) l) = 0) as zeros.
    { induction l as [|x l IH]; [reflexivity|]. change (0 + sum (map (fun _ => 0) l) = 0). rewrite IH. lra. }
    rewrite zeros.
    simpl. field.
  Qed.

  Lemma evidence_nonnegative : forall h, 0 <= evidence h.
  Proof.
    intro h. destruct (run_good h) as [_ Hi]. unfold evidence, value.
    assert (forall l, (forall i, In i l -> 0 <= i) -> 0 <= sum l) as sums.
    { induction l as [|i l IH]; intro H; [simpl; lra|]. change (0 <= i + sum l). pose proof (H i (or_introl eq_refl)). assert (0 <= sum l) by (apply IH; intros; apply H; now right). lra. }
    pose proof (sums _ Hi). pose proof (pos_INR (snd (run h))).
    assert (0 < 1 / (INR (snd (run h)) + 1)) by (apply Rdiv_lt_0_compat; lra). lra.
  Qed.

  Lemma evidence_supermartingale : forall h p, 0 <= p <= epsilon ->
    p * evidence (true :: h) + (1 - p) * evidence (false :: h) <= evidence h.
  Proof.
    intros h p Hp. pose proof (prepare_good h _ (run_good h)) as [Hl Hi].
    rewrite <- (prepare_conserves h (run h) (run_good h) : value _ = evidence h).
    unfold evidence. simpl run. unfold value, audit. cbn [fst snd].
    pose proof (play_fair rates _ p (fun q H => H) Hi Hp Hl). lra.
  Qed.

  (* The bound. Whatever the world does within the hypothesis of honesty, the test reaches 1/beta with probability at most beta. *)
  Theorem honest_provider_is_rarely_ejected :
    forall (p : list bool -> R) (beta : R), 0 < beta -> (forall h, 0 <= p h <= epsilon) ->
    forall n, hit evidence p (1 / beta) n [] <= beta.
  Proof.
    intros p beta Hbeta Hp n.
    assert (1 / beta * hit evidence p (1 / beta) n [] <= evidence []) as H.
    { apply ville.
      - exact evidence_nonnegative.
      - intro h. pose proof (Hp h). lra.
      - intro h. now apply evidence_supermartingale. }
    rewrite evidence_starts_at_one in H.
    assert (beta * (1 / beta * hit evidence p (1 / beta) n []) <= beta * 1) as G by (apply Rmult_le_compat_l; lra).
    replace (beta * (1 / beta * hit evidence p (1 / beta) n [])) with (hit evidence p (1 / beta) n []) in G by (field; lra).
    lra.
  Qed.
End Ejection.

Print Assumptions honest_provider_is_rarely_ejected.
